import type { Api } from '../support/api.js';
import { DigestClient } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { type RawRequest, ME } from '../support/http.js';
import { confirmationPathOf, requestEmail } from '../support/mail-routes.js';
import { pageOf, requestToken, validatedToken } from '../support/request-tokens.js';
import { registrationBody, uniquePhone } from '../support/public-routes.js';

/** Prepares everything that a call needs to succeed, and returns the request. */
export type Preparation = (api: Api) => Promise<RawRequest>;

type Body = (api: Api) => object | Promise<object>;
type Credentials = (account: GivenAccount) => Record<string, string>;

const DEVICE = 'urn:uuid:one';

const key: Credentials = ({ from, apiKey = '' }) => ({ from, 'x-api-key': apiKey });
const nameAlone: Credentials = ({ from }) => ({ from });

function request(method: string, path: string, headers: Record<string, string>, body?: object): RawRequest {
  if (!body) return { method, path, headers };
  return { method, path, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A call without credentials. */
const anybody =
  (method: string, path: string, body?: Body): Preparation =>
  async (api) =>
    request(method, path, {}, await body?.(api));

function registerDevice(api: Api, account: GivenAccount): void {
  const times = { expiresAt: api.clock.in(60), updatedAt: api.clock.now() };
  api.registrar.register(account, { ...times, uniqueId: `"<${DEVICE}>"`, userAgent: 'a test' });
}

/** A call of an account that has an e-mail address, a phone number and a device. */
const user =
  (method: string, path: string, body?: Body, state: { stored?: [] } = {}, credentials = key): Preparation =>
  async (api) => {
    const account = await api.given.account({ email: 'old@example.org', phone: uniquePhone(api), ...state });
    registerDevice(api, account);
    return request(method, path, credentials(account), await body?.(api));
  };

function accountFor(path: string, api: Api): Promise<GivenAccount> {
  if (path.endsWith('/unblock')) return api.given.account({ blocked: true });
  return path.endsWith('/deactivate') ? api.given.account() : api.given.inactiveAccount();
}

/** A call of an administrator. The account in the path is not yet in the state that the call brings about. */
const admin =
  (method: string, path: string, body?: Body): Preparation =>
  async (api) => {
    const account = await accountFor(path, api);
    registerDevice(api, account);
    return request(method, path.replace(':id', String(account.id)), key(await api.given.admin()), await body?.(api));
  };

/** Repeats a call, so that values which are cached for a while are already known. */
export const again =
  (prepare: Preparation): Preparation =>
  async (api) => {
    const call = await prepare(api);
    await api.send(call);
    return call;
  };

const byDigest: Preparation = async (api) => {
  const account = await api.given.account();
  const session = await DigestClient.start(api, account);
  return request('GET', ME, { from: account.from, authorization: session.authorize('GET', ME) });
};

/** A search of an administrator for an account that exists. */
const search =
  (by: 'search' | 'search-by-email'): Preparation =>
  async (api) => {
    const { sip } = await api.given.account({ email: 'john@example.org' });
    const path = `/api/accounts/${by === 'search' ? sip : 'john@example.org'}/${by}`;
    return request('GET', path, key(await api.given.admin()));
  };

const info: Preparation = async (api) => request('GET', `/api/accounts/${(await api.given.account()).sip}/info`, {});

/** A call that activates an account registered with an e-mail address or a phone number. */
const activation =
  (how: 'email' | 'phone'): Preparation =>
  async (api) => {
    const contact = how === 'email' ? { email: 'john@example.org' } : { phone: uniquePhone(api) };
    const body = await registrationBody(api, contact);
    const { json } = await api.anonymous().post('/api/accounts/with-token', body);
    const [{ confirmation_key: code }] = await api.sql('SELECT confirmation_key FROM accounts WHERE id = ?', [json.id]);
    return request('POST', `/api/accounts/${body.username}@sip.example.org/activate/${how}`, {}, { code });
  };

const drawAuthToken = async (api: Api): Promise<string> =>
  String((await api.anonymous().post('/api/accounts/auth_token')).json.token);

const authTokenAttachment =
  (method: 'GET' | 'POST'): Preparation =>
  async (api) => {
    const path = `/api/accounts/auth_token/${await drawAuthToken(api)}/attach`;
    return request(method, path, key(await api.given.account()));
  };

const authTokenExchange: Preparation = async (api) => {
  const token = await drawAuthToken(api);
  await api.withKey(await api.given.account()).post(`/api/accounts/auth_token/${token}/attach`);
  return request('GET', `${ME}/api_key/${token}`, {});
};

const phoneConfirmation: Preparation = async (api) => {
  const account = await api.given.account({ phone: uniquePhone(api) });
  await api.withKey(account).post(`${ME}/phone/request`, newPhone(api));
  return request('POST', `${ME}/phone`, key(account), { code: api.messages.last.code });
};

/** A call of the page behind a mailed link, or of its button. */
const emailConfirmation =
  (method: 'GET' | 'POST'): Preparation =>
  async (api) => {
    await requestEmail(api, await api.given.account({ email: 'old@example.org' }), 'new@example.org');
    const path = confirmationPathOf(api.mails.last);
    if (method === 'GET') return { path };
    return { method, path, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' };
  };

const emailCode: Preparation = async (api) => {
  const account = await api.given.account();
  await requestEmail(api, account, 'new@example.org');
  return request('POST', `${ME}/email`, key(account), { code: (api.mails.last as { code?: string }).code });
};

const creationToken = async (api: Api) => ({ account_creation_token: await api.given.token() });
/** A call of the page of a request token, or of its form. */
const requestTokenPage =
  (method: 'GET' | 'POST'): Preparation =>
  async (api) => {
    const path = pageOf(await requestToken(api));
    if (method === 'GET') return { path };
    return { method, path, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' };
  };

const device: Body = (api) => ({ pn_provider: 'fcm', pn_param: 'project', pn_prid: api.given.unique('device') });
const newPhone: Body = (api) => ({ phone: uniquePhone(api) });
const newEmail: Body = () => ({ email: 'new@example.org' });
const password = { algorithm: 'SHA-256', password: 'new words' };
const account = (api: Api) => ({
  username: api.given.unique('created'),
  password: 'secret words',
  algorithm: 'SHA-256',
});
const withEverything: Body = (api) => ({
  ...account(api),
  email: 'john@example.org',
  phone: uniquePhone(api),
  activated: false,
  admin: true,
  confirmation_key_expires: '2099-01-01 00:00:00',
});

/** The settings that some of the calls need. */
export const ENVIRONMENT_OF_CALLS = { TURN_SECRET: 'north', TURN_URIS: 'turn:turn.example.org' };
const withProfile: Body = (api) => ({ ...account(api), display_name: 'John Doe' });

/** A successful call for each route of the API, and for each variant of a route. */
export const API_CALLS: Readonly<Record<string, Preparation>> = {
  'GET /api': anybody('GET', '/api'),
  'GET /api/docs': anybody('GET', '/api/docs'),
  'GET /api/ping': anybody('GET', '/api/ping'),
  'GET /health/live': anybody('GET', '/health/live'),
  'GET /health/ready': anybody('GET', '/health/ready'),
  'GET /account/email/:id/:secret': emailConfirmation('GET'),
  'POST /account/email/:id/:secret': emailConfirmation('POST'),
  'GET /creation_token/check/:token': requestTokenPage('GET'),
  'POST /creation_token/check/:token': requestTokenPage('POST'),
  'POST /api/account_creation_request_tokens': anybody('POST', '/api/account_creation_request_tokens'),
  'POST /api/account_creation_tokens/using-account-creation-request-token': anybody(
    'POST',
    '/api/account_creation_tokens/using-account-creation-request-token',
    async (api) => ({ account_creation_request_token: await validatedToken(api) }),
  ),
  'POST /api/tokens': anybody('POST', '/api/tokens', device),
  'POST /api/accounts/with-token, by mail': anybody('POST', '/api/accounts/with-token', (api) =>
    registrationBody(api, { email: 'john@example.org' }),
  ),
  'POST /api/accounts/with-token, by SMS': anybody('POST', '/api/accounts/with-token', (api) =>
    registrationBody(api, { phone: uniquePhone(api) }),
  ),
  'POST /api/account_creation_tokens/send-by-push': anybody(
    'POST',
    '/api/account_creation_tokens/send-by-push',
    device,
  ),
  'POST /api/account_creation_tokens': admin('POST', '/api/account_creation_tokens'),
  'POST /api/account_creation_tokens/consume': user('POST', '/api/account_creation_tokens/consume', creationToken),
  'POST /api/accounts/with-account-creation-token': anybody(
    'POST',
    '/api/accounts/with-account-creation-token',
    async (api) => ({ ...account(api), ...(await creationToken(api)) }),
  ),
  'POST /api/accounts/me/email': emailCode,
  'GET /api/accounts/:sip/info': info,
  'POST /api/accounts/:sip/activate/email': activation('email'),
  'POST /api/accounts/:sip/activate/phone': activation('phone'),
  'POST /api/accounts/auth_token': anybody('POST', '/api/accounts/auth_token'),
  'GET /api/accounts/auth_token/:token/attach': authTokenAttachment('GET'),
  'POST /api/accounts/auth_token/:token/attach': authTokenAttachment('POST'),
  'GET /api/accounts/me/api_key': user('GET', `${ME}/api_key`),
  'GET /api/accounts/me/api_key/:token': authTokenExchange,
  'GET /api/accounts/me, challenge': user('GET', ME, undefined, {}, nameAlone),
  'GET /api/accounts/me, by key': user('GET', ME),
  'GET /api/accounts/me, by Digest': byDigest,
  'DELETE /api/accounts/me': user('DELETE', ME),
  'POST /api/accounts/me/email/request': user('POST', `${ME}/email/request`, newEmail),
  'POST /api/accounts/me/password': user('POST', `${ME}/password`, () => ({
    ...password,
    old_password: 'secret words',
  })),
  'POST /api/accounts/me/password, the first': user('POST', `${ME}/password`, () => password, { stored: [] }),
  'POST /api/accounts/me/phone/request': user('POST', `${ME}/phone/request`, newPhone),
  'POST /api/accounts/me/phone': phoneConfirmation,
  'GET /api/accounts/me/services/turn': user('GET', `${ME}/services/turn`),
  'GET /api/accounts/me/devices': user('GET', `${ME}/devices`),
  'GET /api/accounts/me/devices/:uuid': user('GET', `${ME}/devices/${DEVICE}`),
  'DELETE /api/accounts/me/devices/:uuid': user('DELETE', `${ME}/devices/${DEVICE}`),
  'GET /api/accounts': again(admin('GET', '/api/accounts')),
  'POST /api/accounts': admin('POST', '/api/accounts', account),
  'POST /api/accounts, with all members': admin('POST', '/api/accounts', withEverything),
  'GET /api/accounts/:id': admin('GET', '/api/accounts/:id'),
  'DELETE /api/accounts/:id': admin('DELETE', '/api/accounts/:id'),
  'GET /api/accounts/:id/activate': admin('GET', '/api/accounts/:id/activate'),
  'POST /api/accounts/:id/activate': admin('POST', '/api/accounts/:id/activate'),
  'GET /api/accounts/:id/deactivate': admin('GET', '/api/accounts/:id/deactivate'),
  'POST /api/accounts/:id/deactivate': admin('POST', '/api/accounts/:id/deactivate'),
  'PUT /api/accounts/:id': admin('PUT', '/api/accounts/:id', withProfile),
  'PATCH /api/accounts/:id, display name': admin('PATCH', '/api/accounts/:id', () => ({ display_name: 'John Doe' })),
  'PATCH /api/accounts/:id, with all members': admin('PATCH', '/api/accounts/:id', (api) => ({
    ...account(api),
    email: 'john@example.org',
    phone: uniquePhone(api),
    activated: true,
    admin: true,
  })),
  'POST /api/accounts/:id/block': admin('POST', '/api/accounts/:id/block'),
  'POST /api/accounts/:id/unblock': admin('POST', '/api/accounts/:id/unblock'),
  'GET /api/accounts/:sip/search': search('search'),
  'GET /api/accounts/:email/search-by-email': search('search-by-email'),
  'GET /api/accounts/:id/devices': admin('GET', '/api/accounts/:id/devices'),
  'DELETE /api/accounts/:id/devices/:uuid': admin('DELETE', `/api/accounts/:id/devices/${DEVICE}`),
};
