import { generateKeyPairSync } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { Connection } from 'mysql2/promise';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, type RawRequest, ME } from '../support/http.js';
import { FakeHttpService } from '../support/external/fake-http-service.js';
import { MailServer } from '../support/external/mail-server.js';
import { Visitor } from '../support/visitor.js';

type Kind =
  'token' | 'account by mail' | 'account by SMS' | 'e-mail address' | 'phone number' | 'mail form' | 'phone form';

/** The effect of a call in the database: nothing, all of it, or an invalid part of it. */
export type State = 'nothing' | 'whole' | 'half-done';

/** A call that delivers a message, and its effect in the database. */
export interface DeliveringCall {
  readonly kind: Kind;
  readonly request: RawRequest;
  /** Whether an answer says that the call succeeded. */
  hasSucceeded(answer: Answer): boolean;
  state(database: Connection): Promise<State>;
}

/** The three external services that deliver messages. They accept messages when the test allows it. */
export class ExternalServices {
  private readonly changes = new EventEmitter();
  private held = 0;
  private isHolding = false;

  private constructor(
    private readonly mails: MailServer,
    private readonly http: FakeHttpService,
  ) {
    http.answer(({ path }) => this.serve(path));
  }

  static async start(): Promise<ExternalServices> {
    return new ExternalServices(await MailServer.start(), await FakeHttpService.start());
  }

  /** The settings that lead to these services. */
  get environment(): Record<string, string> {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const account = {
      project_id: 'my-project',
      client_email: 'push@my-project.example.org',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: `${this.http.origin}/token`,
    };
    return {
      ...this.mails.environment,
      PUSH_DRIVER: 'direct',
      FCM_SERVICE_ACCOUNT: JSON.stringify(account),
      FCM_URL: this.http.origin,
      SMS_DRIVER: 'http',
      SMS_HTTP_URL: `${this.http.origin}/sms?to={phone}&text={message}`,
    };
  }

  /** Holds all messages until {@link release}. */
  hold(): void {
    this.isHolding = true;
    this.mails.hold('DATA');
  }

  /** Accepts the held messages and all later ones. */
  release(): void {
    this.isHolding = false;
    this.held = 0;
    this.mails.release();
    this.changes.emit('release');
  }

  /** Waits until this many messages are held: mails, and pushes and SMS together. */
  async untilHeld({ mails, others }: { mails: number; others: number }): Promise<void> {
    await this.mails.untilHeld(mails);
    while (this.held < others) await once(this.changes, 'change');
  }

  async stop(): Promise<void> {
    this.release();
    await Promise.all([this.mails.stop(), this.http.stop()]);
  }

  private async serve(path: string) {
    if (path === '/token') return { body: { access_token: 'access', expires_in: 3600 } };
    if (this.isHolding) {
      this.held += 1;
      this.changes.emit('change');
      await once(this.changes, 'release');
    }
    return { body: { name: 'projects/my-project/messages/1' } };
  }
}

/** An account with an API key, and a session in the panel. */
export interface Caller {
  readonly account: GivenAccount;
  readonly visitor: Visitor;
}

/** The number of messages of {@link deliveringCalls} for each service. */
export const MESSAGES = { mails: 3, others: 4 };

/** Creates an account with an API key and signs it in to the panel, by the key of an administrator. */
export async function createCaller(
  send: (request: RawRequest) => Promise<Answer>,
  database: Connection,
  username: string,
  admin: Record<string, string>,
): Promise<Caller> {
  const password = 'secret words';
  const { json } = await send(
    post('/api/accounts', { username, password, algorithm: 'SHA-256', activated: true }, admin),
  );
  const apiKey = `key-of-${username}-0123456789abcdefghij`;
  await database.query('INSERT INTO api_keys (account_id, `key`) VALUES (?, ?)', [json.id, apiKey]);
  const sip = `${username}@sip.example.org`;
  const own = { id: json.id, username, domain: 'sip.example.org', sip, from: `sip:${sip}`, password, apiKey };
  const account: GivenAccount = { ...own, algorithms: ['SHA-256'] };
  const visitor = new Visitor({ send });
  await visitor.signIn(account);
  return { account, visitor };
}

/** Whether the call sends a mail, not a push or an SMS. */
const isByMail = (kind: Kind): boolean => ['account by mail', 'e-mail address', 'mail form'].includes(kind);

async function rows(
  database: Connection,
  statement: string,
  parameters: unknown[],
): Promise<Record<string, unknown>[]> {
  const [found] = await database.query(statement, parameters);
  return found as Record<string, unknown>[];
}

function tokenCall(name: string): DeliveringCall {
  const body = { pn_provider: 'fcm', pn_param: 'my-project', pn_prid: name };
  return {
    kind: 'token',
    request: post('/api/tokens', body),
    hasSucceeded: ({ status }) => status === 200,
    state: async (database) => {
      const found = await rows(database, 'SELECT used FROM tokens WHERE pn_prid = ?', [name]);
      if (found.length === 0) return 'nothing';
      return found.length === 1 && Number(found[0]?.used) === 0 ? 'whole' : 'half-done';
    },
  };
}

const ACCOUNT = `SELECT a.id, a.email, a.activated, a.confirmation_key AS code,
    (SELECT COUNT(*) FROM passwords p WHERE p.account_id = a.id) AS passwords,
    (SELECT COUNT(*) FROM activation_expirations e WHERE e.account_id = a.id) AS expirations,
    (SELECT GROUP_CONCAT(CONCAT(c.phone, ' ', c.code)) FROM phone_change_codes c WHERE c.account_id = a.id) AS phones
  FROM accounts a WHERE a.username = ?`;

/** @param token an unused token with the name of the account. */
function accountCall(kind: 'account by mail' | 'account by SMS', name: string, phone: string): DeliveringCall {
  const isMail = kind === 'account by mail';
  const contact = isMail ? { email: `${name}@example.org` } : { phone };
  const body = { username: name, password: 'secret words', algorithm: 'SHA-256', token: name, ...contact };
  return {
    kind,
    request: post('/api/accounts/with-token', body),
    hasSucceeded: ({ status }) => status === 200,
    state: async (database) => {
      const accounts = await rows(database, ACCOUNT, [name]);
      const spent = await rows(database, 'SELECT id FROM tokens WHERE token = ? AND used = 1', [name]);
      if (accounts.length === 0) return spent.length === 0 ? 'nothing' : 'half-done';
      const [account = {}, ...others] = accounts;
      const isWhole =
        others.length === 0 &&
        spent.length === 1 &&
        Number(account.activated) === 0 &&
        String(account.code).length === (isMail ? 13 : 4) &&
        Number(account.passwords) === 1 &&
        Number(account.expirations) === 1 &&
        (isMail ? account.phones === null : account.phones === `${phone} ${String(account.code)}`);
      return isWhole ? 'whole' : 'half-done';
    },
  };
}

/** A change of an e-mail address or phone number, by the API or by the form of the panel. */
function changeCall(kind: Kind, { account, visitor }: Caller, value: string): DeliveringCall {
  const isMail = isByMail(kind);
  const [member, column, table] = isMail
    ? ['email', 'new_email', 'email_changed']
    : ['phone', 'phone', 'phone_change_codes'];
  const request = kind.endsWith('form')
    ? visitor.toSubmit(`/account/${member}`, { [member]: value })
    : post(`${ME}/${member}/request`, { [member]: value }, { from: account.from, 'x-api-key': account.apiKey ?? '' });
  return {
    kind,
    request,
    hasSucceeded: ({ status }) => status === 200 || status === 303,
    state: async (database) => {
      const found = await rows(database, `SELECT ${column} AS value FROM ${table} WHERE account_id = ?`, [account.id]);
      if (found.length === 0) return 'nothing';
      return found.length === 1 && found[0]?.value === value ? 'whole' : 'half-done';
    },
  };
}

function post(path: string, body: object, headers: Record<string, string> = {}): RawRequest {
  return {
    method: 'POST',
    path,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/**
 * Returns a call of each kind.
 *
 * @param round part of every name.
 * @param callers one for each of the four changes. Their earlier requests are deleted.
 */
export async function deliveringCalls(
  database: Connection,
  round: number,
  callers: readonly Caller[],
): Promise<DeliveringCall[]> {
  const name = (kind: string) => `r${round}.${kind}`;
  const phone = (index: number) => `+336${String(round).padStart(5, '0')}${String(index).padStart(3, '0')}`;
  const now = new Date().toISOString().slice(0, 19).replace('T', ' ');
  const tokens = [name('by.mail'), name('by.sms')].map((token) => [token, 'fcm', 'my-project', token, 0, now]);
  await database.query('INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, created_at) VALUES ?', [
    tokens,
  ]);
  const [one, two, three, four] = callers as [Caller, Caller, Caller, Caller];
  const openForm = async (caller: Caller, path: string) => {
    await caller.visitor.open(path);
    return caller;
  };
  return [
    tokenCall(name('device')),
    accountCall('account by mail', name('by.mail'), phone(0)),
    accountCall('account by SMS', name('by.sms'), phone(1)),
    changeCall('e-mail address', one, `one.${round}@example.org`),
    changeCall('phone number', two, phone(2)),
    changeCall('mail form', await openForm(three, '/account/email'), `three.${round}@example.org`),
    changeCall('phone form', await openForm(four, '/account/phone'), phone(3)),
  ];
}

/** Describes the rows that belong to no account. */
export async function orphans(database: Connection): Promise<string[]> {
  const tables = ['passwords', 'activation_expirations', 'phone_change_codes', 'email_changed'];
  const found = await Promise.all(
    tables.map((table) =>
      rows(database, `SELECT id FROM ${table} WHERE account_id NOT IN (SELECT id FROM accounts)`, []),
    ),
  );
  return tables.filter((_, index) => (found[index]?.length ?? 0) > 0);
}
