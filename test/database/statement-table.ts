type Statements = readonly string[];

const transaction = (...statements: string[]): string[] => ['START TRANSACTION', ...statements, 'COMMIT'];

/** A transaction with other properties than the session's takes an additional statement. */
const readCommitted = (...statements: string[]): string[] => ['SET TRANSACTION', ...transaction(...statements)];

/** A transaction about one account, which is locked until its end (`lock`). */
const holding = (...statements: string[]): string[] =>
  transaction('SELECT accounts FOR UPDATE', 'SELECT accounts', ...statements);

/** The same for a transaction that takes a phone number. */
const holdingForPhone = (...statements: string[]): string[] => ['SET TRANSACTION', ...holding(...statements)];

const TAKE_PHONE = ['INSERT aliases', 'UPDATE accounts', 'SELECT accounts FOR UPDATE', 'SELECT accounts FOR UPDATE'];
const IS_PHONE_TAKEN = ['SELECT aliases', 'SELECT accounts', 'SELECT accounts'];
const END_CODES = ['DELETE activation_expirations', 'DELETE phone_change_codes'];

const ADD_ACCOUNT = transaction('INSERT accounts', 'INSERT passwords');
const DELETE_ACCOUNT = holding(
  'DELETE activation_expirations',
  'DELETE admins',
  'DELETE aliases',
  'DELETE api_keys',
  'DELETE email_changed',
  'DELETE nonces',
  'DELETE flexisip_api_tokens',
  'DELETE panel_sessions',
  'DELETE passwords',
  'DELETE phone_change_codes',
  'UPDATE tokens',
  'DELETE accounts',
);
const SET_ACTIVATED = holding('UPDATE accounts', ...END_CODES, 'SELECT accounts');
const BLOCK = transaction(
  'SELECT admins FOR UPDATE',
  'SELECT accounts FOR UPDATE',
  'SELECT accounts',
  'UPDATE accounts',
  'DELETE panel_sessions',
  'SELECT accounts',
);
const UNBLOCK = holding('UPDATE accounts', 'SELECT accounts');
const SET_PASSWORD = holding('DELETE passwords', 'INSERT passwords');
const RENAME = ['UPDATE accounts', 'DELETE passwords', 'INSERT passwords'];
const RESERVE = 'INSERT delivery_claims';
const RELEASE = 'DELETE delivery_claims';
/** A rejection by `store` shows before a message is sent. */
const rehearsed = (...statements: string[]): string[] => [
  'SAVEPOINT rehearsal',
  ...statements,
  'ROLLBACK TO SAVEPOINT rehearsal',
];
/** One transaction that reserves and one that stores; the message is sent between them. */
const delivering = (reservations: number, check: Statements, store: Statements): string[] => [
  ...transaction(...Array<string>(reservations).fill(RESERVE), ...check, ...rehearsed(...store)),
  ...transaction(...Array<string>(reservations).fill(RELEASE), ...store),
];

const LOCK_ACCOUNT = ['SELECT accounts FOR UPDATE', 'SELECT accounts'];
const ASK_FOR_EMAIL = [
  ...delivering(1, ['SELECT email_changed'], [...LOCK_ACCOUNT, 'DELETE email_changed', 'INSERT email_changed']),
  ...Array<string>(2).fill('SET TRANSACTION'),
];

const ASK_FOR_PHONE = [
  ...delivering(
    1,
    [...IS_PHONE_TAKEN, 'SELECT phone_change_codes'],
    [...LOCK_ACCOUNT, 'DELETE phone_change_codes', 'INSERT phone_change_codes'],
  ),
  ...Array<string>(2).fill('SET TRANSACTION'),
];
const SIGN_UP_BY_MAIL = [
  'SELECT tokens',
  'INSERT accounts',
  'INSERT passwords',
  'INSERT activation_expirations',
  'UPDATE tokens',
];
const SIGN_UP_BY_SMS = [
  'SELECT tokens',
  ...IS_PHONE_TAKEN,
  'INSERT accounts',
  'INSERT passwords',
  'INSERT activation_expirations',
  'UPDATE tokens',
  'INSERT phone_change_codes',
];
const CONFIRM_PHONE = holdingForPhone(
  'SELECT phone_change_codes',
  'DELETE phone_change_codes',
  'DELETE aliases',
  ...TAKE_PHONE,
  'SELECT accounts',
);

const ATTACH_AUTH_TOKEN = [
  'SET TRANSACTION',
  ...holding('SELECT flexisip_api_tokens FOR UPDATE', 'UPDATE flexisip_api_tokens'),
];

/** While there are few accounts, they are counted each time, in a transaction of its own. Then the page is read. */
const PAGE_OF_ACCOUNTS = [...transaction('SELECT accounts'), 'SELECT accounts'];

/** Loads the account that calls the API. */
const CALLER = 'SELECT accounts';

/** Loads the session and the account of a signed-in user. */
const VISITOR = ['SELECT panel_sessions', 'SELECT accounts'];
const OPEN_SESSION = transaction('INSERT panel_sessions');
const CLOSE_SESSION = transaction('DELETE panel_sessions');

const FIND_TOKEN = 'SELECT flexisip_api_tokens';

const API: Readonly<Record<string, Statements>> = {
  'GET /api': [],
  'GET /api/docs': [],
  'GET /api/ping': [],
  'GET /health/live': [],
  'GET /health/ready': ['SELECT COLUMNS', 'SELECT flexisip_api_migrations', 'DELETE tokens'],
  'GET /account/email/:id/:secret': ['SELECT accounts'],
  'POST /account/email/:id/:secret': [
    'SELECT accounts',
    ...holding('DELETE email_changed', 'UPDATE accounts', 'SELECT accounts'),
  ],
  'GET /creation_token/check/:token': [FIND_TOKEN],
  'POST /creation_token/check/:token': [
    FIND_TOKEN,
    ...readCommitted('SELECT flexisip_api_tokens FOR UPDATE', 'UPDATE flexisip_api_tokens'),
  ],
  'POST /api/account_creation_request_tokens': transaction('INSERT flexisip_api_tokens'),
  'POST /api/account_creation_tokens/using-account-creation-request-token': readCommitted(
    'SELECT flexisip_api_tokens FOR UPDATE',
    'INSERT tokens',
    'UPDATE flexisip_api_tokens',
  ),
  'POST /api/tokens': delivering(2, ['SELECT tokens'], ['INSERT tokens']),
  'POST /api/accounts/with-token, by mail': delivering(2, [], SIGN_UP_BY_MAIL),
  'POST /api/accounts/with-token, by SMS': [
    ...delivering(2, [], SIGN_UP_BY_SMS),
    ...Array<string>(2).fill('SET TRANSACTION'),
  ],
  'POST /api/account_creation_tokens/send-by-push': delivering(2, ['SELECT tokens'], ['INSERT tokens']),
  'POST /api/account_creation_tokens': [CALLER, ...transaction('INSERT tokens')],
  'POST /api/account_creation_tokens/consume': [
    CALLER,
    ...readCommitted(...LOCK_ACCOUNT, 'SELECT tokens FOR UPDATE', 'UPDATE tokens', 'UPDATE accounts'),
  ],
  'POST /api/accounts/with-account-creation-token': readCommitted(
    'SELECT tokens FOR UPDATE',
    'INSERT accounts',
    'INSERT passwords',
    'UPDATE tokens',
  ),
  'POST /api/accounts/me/email': [
    CALLER,
    ...holding('UPDATE email_changed', 'DELETE email_changed', 'UPDATE accounts', 'SELECT accounts'),
  ],
  'GET /api/accounts/:sip/info': ['SELECT accounts'],
  'POST /api/accounts/:sip/activate/email': [
    'SELECT accounts',
    ...holdingForPhone('SELECT phone_change_codes', 'UPDATE accounts', ...END_CODES, 'SELECT accounts'),
  ],
  'POST /api/accounts/:sip/activate/phone': [
    'SELECT accounts',
    ...holdingForPhone('SELECT phone_change_codes', ...TAKE_PHONE, 'UPDATE accounts', ...END_CODES, 'SELECT accounts'),
  ],
  'POST /api/accounts/auth_token': transaction('INSERT flexisip_api_tokens'),
  'GET /api/accounts/auth_token/:token/attach': [CALLER, ...ATTACH_AUTH_TOKEN],
  'POST /api/accounts/auth_token/:token/attach': [CALLER, ...ATTACH_AUTH_TOKEN],
  'GET /api/accounts/me/api_key': [CALLER, ...holding('DELETE api_keys', 'INSERT api_keys')],
  'GET /api/accounts/me/api_key/:token': readCommitted(
    'SELECT flexisip_api_tokens',
    'SELECT accounts FOR UPDATE',
    'SELECT accounts',
    'DELETE flexisip_api_tokens',
    'DELETE api_keys',
    'INSERT api_keys',
  ),
  'GET /api/accounts/me, challenge': ['SELECT accounts'],
  'GET /api/accounts/me, by key': [CALLER],
  'GET /api/accounts/me, by Digest': [CALLER, 'INSERT nonces'],
  'DELETE /api/accounts/me': [CALLER, ...DELETE_ACCOUNT],
  'POST /api/accounts/me/email/request': [CALLER, ...ASK_FOR_EMAIL],
  'POST /api/accounts/me/password': [CALLER, 'UPDATE passwords'],
  'POST /api/accounts/me/password, the first': [CALLER, ...SET_PASSWORD],
  'POST /api/accounts/me/phone/request': [CALLER, ...ASK_FOR_PHONE],
  'POST /api/accounts/me/phone': [CALLER, ...CONFIRM_PHONE],
  'GET /api/accounts/me/services/turn': [CALLER],
  'GET /api/accounts/me/devices': [CALLER],
  'GET /api/accounts/me/devices/:uuid': [CALLER],
  'DELETE /api/accounts/me/devices/:uuid': [CALLER],
  'GET /api/accounts': [CALLER, ...PAGE_OF_ACCOUNTS],
  'POST /api/accounts': [CALLER, ...ADD_ACCOUNT],
  'POST /api/accounts, with all members': [
    CALLER,
    ...readCommitted(
      'INSERT accounts',
      'INSERT passwords',
      'INSERT admins',
      'INSERT activation_expirations',
      ...TAKE_PHONE,
    ),
  ],
  'GET /api/accounts/:id': [CALLER, 'SELECT accounts'],
  'DELETE /api/accounts/:id': [CALLER, ...DELETE_ACCOUNT],
  'GET /api/accounts/:id/activate': [CALLER, ...SET_ACTIVATED],
  'POST /api/accounts/:id/activate': [CALLER, ...SET_ACTIVATED],
  'GET /api/accounts/:id/deactivate': [CALLER, ...SET_ACTIVATED],
  'POST /api/accounts/:id/deactivate': [CALLER, ...SET_ACTIVATED],
  'PUT /api/accounts/:id': [CALLER, ...holdingForPhone(...RENAME, 'UPDATE accounts', 'SELECT accounts')],
  'PATCH /api/accounts/:id, display name': [CALLER, ...holdingForPhone('UPDATE accounts', 'SELECT accounts')],
  'PATCH /api/accounts/:id, with all members': [
    CALLER,
    ...holdingForPhone(
      ...RENAME,
      'UPDATE accounts',
      'DELETE email_changed',
      ...TAKE_PHONE,
      'DELETE phone_change_codes',
      'UPDATE accounts',
      ...END_CODES,
      'INSERT admins',
      'SELECT accounts',
    ),
  ],
  'POST /api/accounts/:id/block': [CALLER, ...BLOCK],
  'POST /api/accounts/:id/unblock': [CALLER, ...UNBLOCK],
  'GET /api/accounts/:sip/search': [CALLER, 'SELECT accounts'],
  'GET /api/accounts/:email/search-by-email': [CALLER, 'SELECT accounts'],
  'GET /api/accounts/:id/devices': [CALLER, 'SELECT accounts'],
  'DELETE /api/accounts/:id/devices/:uuid': [CALLER, 'SELECT accounts'],
};

const PANEL: Readonly<Record<string, Statements>> = {
  'GET /': [],
  'GET /favicon.ico': [],
  'GET /account/favicon.svg': [],
  'GET /account/style.css': [],
  'GET /account/captcha/proof-of-work.js': [],
  'GET /account/captcha/scrypt.js': [],
  'GET /account/sign-in': [],
  'POST /account/sign-in': ['SELECT accounts', ...CLOSE_SESSION, ...OPEN_SESSION],
  'POST /account/sign-out': ['SELECT panel_sessions', ...CLOSE_SESSION],
  'GET /account': VISITOR,
  'GET /account/password': VISITOR,
  'POST /account/password': [...VISITOR, 'UPDATE passwords', 'SELECT accounts', ...CLOSE_SESSION, ...OPEN_SESSION],
  'GET /account/email': VISITOR,
  'POST /account/email': [...VISITOR, ...ASK_FOR_EMAIL],
  'GET /account/phone': VISITOR,
  'POST /account/phone': [...VISITOR, ...ASK_FOR_PHONE],
  'GET /account/phone/code': VISITOR,
  'POST /account/phone/code': [...VISITOR, ...CONFIRM_PHONE],
  'GET /account/devices': VISITOR,
  'POST /account/devices/remove': VISITOR,
  'GET /account/delete': VISITOR,
  'POST /account/delete': [...VISITOR, ...DELETE_ACCOUNT, ...CLOSE_SESSION],
  'GET /account/delete/confirm': VISITOR,
  'GET /account/api-key': VISITOR,
  'GET /account/api-key/generate': VISITOR,
  'GET /account/api-key/revoke': VISITOR,
  'POST /account/api-key/generate': [...VISITOR, ...holding('DELETE api_keys', 'INSERT api_keys')],
  'POST /account/api-key/revoke': [...VISITOR, ...holding('DELETE api_keys')],
  'GET /account/accounts': [...VISITOR, ...PAGE_OF_ACCOUNTS],
  'GET /account/accounts/new': VISITOR,
  'POST /account/accounts/new': [...VISITOR, ...ADD_ACCOUNT],
  'GET /account/accounts/:id': [...VISITOR, 'SELECT accounts'],
  'POST /account/accounts/:id/activate': [...VISITOR, ...SET_ACTIVATED],
  'POST /account/accounts/:id/deactivate': [...VISITOR, ...SET_ACTIVATED],
  'GET /account/accounts/:id/block': [...VISITOR, 'SELECT accounts'],
  'POST /account/accounts/:id/block': [...VISITOR, ...BLOCK],
  'POST /account/accounts/:id/unblock': [...VISITOR, ...UNBLOCK],
  'GET /account/accounts/:id/delete': [...VISITOR, 'SELECT accounts'],
  'POST /account/accounts/:id/delete': [...VISITOR, ...DELETE_ACCOUNT],
};

/**
 * The database statements of one successful call, for each route. Each is shortened to its verb and its main table. A
 * route that is missing here, or runs more or fewer statements, fails `statements.server-spec.ts`.
 */
export const STATEMENTS = { ...API, ...PANEL };
