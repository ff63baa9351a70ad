import type { Connection } from 'mysql2/promise';
import { rowsOf } from '../support/account-rows.js';
import { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { accountOf2021, foundWith, OPERATOR, OWNED, withoutKeys } from '../support/database-2021.js';
import { diagnose, found } from '../support/doctor.js';
import type { GivenAccount } from '../support/factories.js';
import { APP_KEY } from '../support/settings.js';
import type { TestDatabase } from '../support/test-database.js';

// Some tests run commands in processes of their own.
jest.setTimeout(180_000);

describe.each([
  ['varchar(1)', "varchar(1) NOT NULL DEFAULT '0'"],
  ['varchar(1) with NULL', 'varchar(1) NULL'],
  ['char(5)', "char(5) NOT NULL DEFAULT '0'"],
  ['bit(1)', "bit(1) NOT NULL DEFAULT b'0'"],
  ['bit(8)', "bit(8) NOT NULL DEFAULT b'0'"],
  ['int', 'int NOT NULL DEFAULT 0'],
  ['decimal', 'decimal(3,0) NOT NULL DEFAULT 0'],
  ['bigint unsigned', 'bigint unsigned NOT NULL DEFAULT 0'],
])('A flag of the type %s', (_name, type) => {
  let database: TestDatabase;
  let connection: Connection;
  let api: Api;

  beforeAll(async () => {
    ({ database, connection } = await foundWith(
      `ALTER TABLE accounts MODIFY activated ${type}`,
      `ALTER TABLE tokens MODIFY used ${type}`,
      "INSERT INTO api_keys (account_id, `key`) VALUES (3, 'the-key-of-carol')",
    ));
    api = await Api.start({ database });
  });
  afterAll(async () => {
    await api.stop();
    await connection.end();
    await database.remove();
  });

  it('turns an account off and on, for the API and for Flexisip alike', async () => {
    const carol = accountOf2021(3, 'carol', 'the-key-of-carol');
    const flexisips = async () => {
      const [rows] = await connection.query('SELECT id FROM accounts WHERE id = 3 AND activated = true');
      return (rows as unknown[]).length === 1;
    };
    for (const isOn of [false, true, false]) {
      if (isOn) expect((await api.withKey(OPERATOR).post('/api/accounts/3/activate', {})).json.activated).toBe(true);
      else expect((await api.withKey(OPERATOR).post('/api/accounts/3/deactivate', {})).json.activated).toBe(false);
      expect(await flexisips()).toBe(isOn);
      expect((await api.anonymous().get(`/api/accounts/${carol.sip}/info`)).json.activated).toBe(isOn);
      expect((await api.withKey(carol).get('/api/accounts/me')).status).toBe(isOn ? 200 : 403);
      const list = (await api.withKey(OPERATOR).get('/api/accounts')).json as {
        data: { id: number; activated: boolean }[];
      };
      expect(list.data.find(({ id }) => id === carol.id)?.activated).toBe(isOn);
    }
  });

  it('is what accounts are created with, and what a token is spent by', async () => {
    const token = await api.given.token();
    const body = { username: api.given.unique('newcomer'), password: 'secret words', algorithm: 'MD5' };
    const created = await api
      .anonymous()
      .post('/api/accounts/with-token', { ...body, token, email: 'new@example.org' });
    expect(created.json.activated).toBe(false);
    const again = { ...body, username: api.given.unique('newcomer'), token };
    expect((await api.anonymous().post('/api/accounts/with-token', again)).json.code).toBe('token_invalid');
    const byAdmin = { ...body, username: api.given.unique('newcomer'), activated: true };
    expect((await api.withKey(OPERATOR).post('/api/accounts', byAdmin)).json.activated).toBe(true);
    const [rows] = await connection.query('SELECT id FROM accounts WHERE username = ? AND activated = true', [
      byAdmin.username,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('counts in the same way for a device that has a token', async () => {
    const device = { pn_provider: 'fcm', pn_param: 'project', pn_prid: api.given.unique('device') };
    expect((await api.anonymous().post('/api/tokens', device)).status).toBe(200);
    expect((await api.anonymous().post('/api/tokens', device)).json.code).toBe('token_already_sent');
    await connection.query('UPDATE tokens SET used = 1 WHERE pn_prid = ?', [device.pn_prid]);
    expect((await api.anonymous().post('/api/tokens', device)).status).toBe(200);
  });
});

describe('A varchar(1) of 2020', () => {
  it('is read by the commands as by the service', async () => {
    const { database, connection } = await foundWith(
      "ALTER TABLE accounts MODIFY activated varchar(1) NOT NULL DEFAULT '0'",
    );
    await connection.query("UPDATE accounts SET activated = '0', confirmation_key = 'ERROR' WHERE id = 2");
    const environment = { APP_KEY, APP_URL: 'https://api.example.org', ...database.environment };
    expect((await runCli(environment, 'migrate')).code).toBe(0);
    const diagnosis = await diagnose(environment, ['--account', 'bobbob@sip.example.org', '--password-stdin'], {
      input: 'secret words',
    });
    expect(found(diagnosis, 'account')).toContain('error: it is not activated');
    const shown = await runCli(environment, 'accounts:show', '2', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ activated: false, activation_code: null });
    const { stdout } = await runCli(environment, 'accounts:clear-unconfirmed', '7', '--uncertain', '--json');
    expect((JSON.parse(stdout) as { accounts: unknown[] }).accounts).toEqual([]);
    await connection.end();
    await database.remove();
  });
});

describe.each([
  ['without foreign keys', OWNED.map(withoutKeys)],
  [
    'without foreign keys and their indexes',
    [
      ...OWNED.map(withoutKeys),
      ...['passwords', 'aliases', 'admins', 'nonces', 'phone_change_codes', 'activation_expirations'].map(
        (table) => `DROP INDEX ${table}_account_id_foreign ON ${table}`,
      ),
      'DROP INDEX api_keys_account_id_unique ON api_keys',
      'DROP INDEX email_changed_account_id_unique ON email_changed',
    ],
  ],
  [
    'with foreign keys that cascade nothing',
    OWNED.flatMap((table) => [
      withoutKeys(table),
      `ALTER TABLE ${table} ADD CONSTRAINT ${table}_account_id_foreign FOREIGN KEY (account_id) REFERENCES accounts (id)`,
    ]),
  ],
])('Tables %s', (_name, statements) => {
  let database: TestDatabase;
  let connection: Connection;
  let api: Api;

  beforeAll(async () => {
    ({ database, connection } = await foundWith(...statements));
    api = await Api.start({ database });
  });
  afterAll(async () => {
    await api.stop();
    await connection.end();
    await database.remove();
  });

  /** An account with a number and a row in every table that can have one. */
  const accountWithAll = async (phone: string): Promise<GivenAccount> => {
    const account = await api.given.admin({ phone, stored: ['MD5', 'SHA-256'], confirmationExpiresIn: 60 });
    const now = api.given.moment();
    for (const [table, columns, values] of [
      ['nonces', 'nonce, nc', `'nonce-of-${account.id}', 1`],
      ['email_changed', 'new_email, hash', "'new@example.org', 'x'"],
      ['phone_change_codes', 'code, phone', "'1234', '+33600000000'"],
      ['panel_sessions', 'hash, stamp, expires', `'hash-of-${account.id}', 'x', '${now}'`],
      ['flexisip_api_tokens', 'kind, hash, created, expires', `'auth', 'hash-of-${account.id}', '${now}', '${now}'`],
      ['tokens', 'token, used, pn_provider, pn_param, pn_prid', `'token-of-${account.id}', 1, 'fcm', 'a', 'b'`],
    ]) {
      await connection.query(`INSERT INTO ${table} (account_id, ${columns}) VALUES (${account.id}, ${values})`);
    }
    const rows = await rowsOf(api, account.id);
    expect(Object.values(rows)).not.toContain(0);
    expect(Object.keys(rows)).toHaveLength(12);
    return account;
  };

  const expectGone = async ({ id, username }: GivenAccount, phone: string) => {
    expect(Object.values(await rowsOf(api, id)).filter((n) => n > 0)).toEqual([]);
    const body = { username, password: 'secret words', algorithm: 'MD5', phone, activated: true };
    const created = await api.withKey(OPERATOR).post('/api/accounts', body);
    expect(created.json).toMatchObject({ username, phone, admin: false });
    expect((await api.withKey(OPERATOR).delete(`/api/accounts/${created.json.id as number}`)).status).toBe(200);
  };

  it('keep nothing of an account that is deleted, by itself or by an administrator', async () => {
    const own = await accountWithAll('+33610000001');
    expect((await api.withKey(own).delete('/api/accounts/me')).status).toBe(200);
    await expectGone(own, '+33610000001');
    const others = await accountWithAll('+33610000002');
    expect((await api.withKey(OPERATOR).delete(`/api/accounts/${others.id}`)).status).toBe(200);
    await expectGone(others, '+33610000002');
  });

  it('keep nothing of an account whose code could not be delivered', async () => {
    for (const [receiver, sender] of [
      [{ email: 'new@example.org' }, api.mails],
      [{ phone: '+33610000003' }, api.messages],
    ] as const) {
      const before = await snapshotOfRows(connection);
      const token = await api.given.token();
      sender.fail();
      const body = {
        username: api.given.unique('newcomer'),
        password: 'secret words',
        algorithm: 'MD5',
        token,
        ...receiver,
      };
      expect((await api.anonymous().post('/api/accounts/with-token', body)).status).toBe(503);
      sender.recover();
      expect(await snapshotOfRows(connection)).toEqual(before);
      expect((await api.anonymous().post('/api/accounts/with-token', body)).status).toBe(200);
    }
  });

  it('have an index for what rows are searched by', async () => {
    for (const table of [...OWNED, 'panel_sessions']) {
      const [plans] = await connection.query(`EXPLAIN DELETE FROM ${table} WHERE account_id = 1`);
      expect({ table, key: (plans as { possible_keys: string | null }[])[0]?.possible_keys }).toEqual({
        table,
        key: expect.any(String) as string,
      });
    }
  });

  it('give a number and a name to another account where only a row of no account has them', async () => {
    if (statements.length === 2 * OWNED.length) return;
    await connection.query(
      "INSERT INTO aliases (account_id, alias, domain) VALUES (4000000, '+33610000009', 'sip.example.org')",
    );
    const account = await api.given.account();
    expect((await api.withKey(account).post('/api/accounts/me/phone/request', { phone: '+33610000009' })).status).toBe(
      200,
    );
    const code = String(api.messages.last.code);
    expect((await api.withKey(account).post('/api/accounts/me/phone', { code })).json.phone).toBe('+33610000009');
    expect(await api.count('aliases', "alias = '+33610000009' AND account_id = ?", [account.id])).toBe(1);
    expect(await api.count('aliases', "alias = '+33610000009'")).toBe(1);
  });
});

/** The number of account rows in each table. */
async function snapshotOfRows(connection: Connection): Promise<unknown> {
  const counts: Record<string, unknown> = {};
  for (const table of ['accounts', ...OWNED]) {
    const [rows] = await connection.query(`SELECT COUNT(*) AS n FROM ${table}`);
    counts[table] = (rows as { n: number }[])[0]?.n;
  }
  return counts;
}

describe('Columns of other types that will do', () => {
  it('are worked with as they are', async () => {
    const { database, connection } = await foundWith(
      'ALTER TABLE accounts MODIFY username varchar(190) NOT NULL, MODIFY user_agent text NOT NULL, MODIFY creation_time timestamp NULL DEFAULT NULL',
      'ALTER TABLE passwords MODIFY password char(100) NOT NULL, MODIFY id bigint NOT NULL AUTO_INCREMENT',
      'ALTER TABLE tokens MODIFY created_at varchar(19) NULL, MODIFY updated_at datetime(6) NULL, MODIFY id int NOT NULL AUTO_INCREMENT',
      'ALTER TABLE activation_expirations MODIFY id smallint NOT NULL AUTO_INCREMENT',
      "ALTER TABLE api_keys ADD note varchar(9) NOT NULL DEFAULT '', ADD seen datetime NULL",
    );
    const api = await Api.start({ database });
    const token = await api.given.token();
    const body = {
      username: 'newcomer',
      password: 'secret words',
      algorithm: 'SHA-256',
      email: 'new@example.org',
      token,
    };
    const created = await api.anonymous().post('/api/accounts/with-token', body);
    expect(created.status).toBe(200);
    const { code } = api.mails.last as unknown as { code: string };
    expect(
      (await api.anonymous().post('/api/accounts/newcomer@sip.example.org/activate/email', { code })).json.activated,
    ).toBe(true);
    const me = await api.withDigest(accountOf2021(0, 'newcomer'), 'SHA-256').get('/api/accounts/me');
    expect(me.json).toMatchObject({ creation_time: created.json.creation_time, email: 'new@example.org' });
    expect(created.json.creation_time).toMatch(/^20\d\d(-\d\d){2} \d\d(:\d\d){2}$/);
    await api.stop();
    await connection.end();
    await database.remove();
  });

  it('let no code hold for ever whose end is no moment, and take an empty text for nothing', async () => {
    const { database, connection } = await foundWith();
    await connection.query("SET sql_mode = ''");
    await connection.query("UPDATE activation_expirations SET expires = '0000-00-00 00:00:00'");
    await connection.query("UPDATE accounts SET email = '' WHERE id = 3");
    const api = await Api.start({ database });
    const answer = await api
      .anonymous()
      .post('/api/accounts/carol@sip.example.org/activate/email', { code: '1234abcdefghi' });
    expect(answer).toMatchObject({ status: 403, json: { code: 'activation_expired' } });
    expect((await api.withKey(OPERATOR).get('/api/accounts/3')).json.email).toBeNull();
    await api.stop();
    await connection.end();
    await database.remove();
  });
});
