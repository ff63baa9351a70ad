import { Api } from '../support/api.js';
import { runNode, SERVICE } from '../support/cli.js';
import { type Collation, connectTo, fill2021 } from '../support/database-2021.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { registrationBody, tracesOf } from '../support/public-routes.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { Visitor } from '../support/visitor.js';

/** Letters and symbols of all scripts. */
const USERNAME_PATTERN = String.raw`[\p{L}\p{N}\p{S}.-]+`;

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const TABLES: (Collation & { cannotHold: string[]; kept: Record<string, string> })[] = [
  {
    charset: 'latin1',
    collation: 'latin1_swedish_ci',
    cannotHold: ['日本語語語語', 'zażółć', 'emoji📱'],
    kept: { 'John’s iPhone': 'John’s iPhone', 'Jürgen 📱 日本/1.0': 'Jürgen ? ??/1.0', '📱': '?' },
  },
  {
    charset: 'utf8mb3',
    collation: 'utf8mb3_unicode_ci',
    cannotHold: ['emoji📱', '𝓪𝓵𝓲𝓬𝓮𝓪'],
    kept: { 'John’s iPhone': 'John’s iPhone', 'Jürgen 📱 日本/1.0': 'Jürgen ? 日本/1.0', '📱': '?' },
  },
  {
    charset: 'latin2',
    collation: 'latin2_general_ci',
    cannotHold: ['日本語語語語', 'ñandúñandú', 'emoji📱'],
    kept: { 'John’s iPhone': 'John?s iPhone', 'zażółć/1.0': 'zażółć/1.0' },
  },
];

describe.each(TABLES)('Tables in $charset', ({ cannotHold, kept, ...collation }) => {
  let database: TestDatabase;
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    database = await createDatabase();
    await fill2021(database, collation);
    api = await Api.start({ database, environment: { USERNAME_PATTERN } });
    admin = await api.given.admin();
  });
  afterAll(async () => {
    await api.stop();
    await database.remove();
  });

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    api.send({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it.each(cannotHold)('have no account "%s", whoever looks for it', async (name) => {
    const sip = `${encodeURIComponent(name)}@sip.example.org`;
    const from = `sip:${sip}`;
    const authorization = `Digest username="${utf8(name)}", realm="sip.example.org", nonce="0", uri="${ME}", qop=auth, nc=00000001, cnonce="c", response="r"`;
    const calls = {
      info: () => api.anonymous().get(`/api/accounts/${sip}/info`),
      'info, domain': () => api.anonymous().get(`/api/accounts/alice@${encodeURIComponent(name)}/info`),
      email: () => post(`/api/accounts/${sip}/activate/email`, { code: 'aaaaaaaaaaaaa' }),
      phone: () => post(`/api/accounts/${sip}/activate/phone`, { code: '1234' }),
      'no credentials': () => api.send({ path: ME, headers: { from } }),
      key: () => api.send({ path: ME, headers: { from, 'x-api-key': 'key' } }),
      digest: () => api.send({ path: ME, headers: { from, authorization } }),
      link: () => api.send({ path: `/account/email/1/${encodeURIComponent(name)}` }),
    };
    const statuses = Object.fromEntries(
      await Promise.all(Object.entries(calls).map(async ([what, call]) => [what, (await call()).status])),
    );
    expect(statuses).toEqual(Object.fromEntries(Object.keys(calls).map((what) => [what, 404])));
  });

  it.each(cannotHold)('"%s" is no key, answer, code, token or device either', async (text) => {
    const alice = await api.given.account();
    const as = api.withKey(alice);
    expect((await api.send({ path: ME, headers: { from: alice.from, 'x-api-key': utf8(text) } })).status).toBe(401);
    const sip = alice.sip;
    expect((await post(`/api/accounts/${sip}/activate/email`, { code: text })).status).toBe(422);
    expect((await post('/api/accounts/with-token', await registrationBody(api, { token: text }))).status).toBe(422);
    expect((await post('/api/tokens', { pn_provider: 'fcm', pn_param: text, pn_prid: text })).status).toBe(422);
    expect((await as.post(`${ME}/phone`, { code: text })).status).toBe(422);
    expect((await as.post(`${ME}/phone/request`, { phone: text })).status).toBe(422);
    expect((await as.post(`${ME}/email/request`, { email: `${text}@example.org` })).status).toBe(422);
    expect(
      (await as.post(`${ME}/password`, { algorithm: 'MD5', password: 'new words', old_password: text })).status,
    ).toBe(422);
    expect((await as.get(`${ME}/devices/${encodeURIComponent(text)}`)).status).toBe(404);
    // A password is stored as a hash, so all its characters are allowed.
    expect(
      (await as.post(`${ME}/password`, { algorithm: 'MD5', password: `words ${text}`, old_password: alice.password }))
        .status,
    ).toBe(200);
    expect((await api.withDigest(alice, 'MD5', `words ${text}`).get(ME)).status).toBe(200);
  });

  it.each(cannotHold)('"%s" is found on no page', async (text) => {
    const visitor = new Visitor(api);
    await visitor.open('/account/sign-in');
    expect((await visitor.submit('/account/sign-in', { sip: `${text}@sip.example.org`, password: text })).status).toBe(
      403,
    );
    await visitor.signIn(admin);
    expect((await visitor.open(`/account/accounts?search=${encodeURIComponent(text)}`)).status).toBe(200);
    expect(visitor.text).not.toContain('@sip.example.org @');
    const username = api.given.unique('newcomer');
    await visitor.open('/account/accounts/new');
    const entered = { username: text, password: 'secret words', algorithm: 'MD5' };
    expect((await visitor.submit('/account/accounts/new', entered)).status).toBe(422);
    await visitor.submit('/account/accounts/new', { ...entered, username });
    expect(await api.count('accounts', 'username = ?', [username])).toBe(1);
  });

  it.each(cannotHold)('refuse "%s" as the name of a new account, and change nothing', async (username) => {
    const body = await registrationBody(api, { username });
    const before = await api.count('accounts');
    const expected = {
      status: 422,
      json: { code: 'validation_failed', errors: { username: [expect.stringContaining('cannot store')] as unknown[] } },
    };
    expect(await post('/api/accounts/with-token', body)).toMatchObject(expected);
    const given = { username, password: 'secret words', algorithm: 'MD5', activated: true, admin: true };
    expect(await api.withKey(admin).post('/api/accounts', given)).toMatchObject(expected);
    expect(await api.count('accounts')).toBe(before);
    expect(await tracesOf(api, { ...body, username: 'nothing' })).toMatchObject({ spentTokens: 0, tokens: 1 });
    // The token can still be redeemed with a name that the column can hold.
    expect((await post('/api/accounts/with-token', { ...body, username: api.given.unique('newcomer') })).status).toBe(
      200,
    );
  });

  it('hold a display name and a dictionary in any script', async () => {
    const given = {
      username: api.given.unique('newcomer'),
      password: 'secret words',
      display_name: 'Jürgen 📱 日本',
      dictionary: { 'ключ 📱': '日本' },
    };
    const created = await api.withKey(admin).post('/api/accounts', given);
    expect(created.json).toMatchObject({ display_name: given.display_name, dictionary: given.dictionary });
    expect((await api.withKey(admin).get(`/api/accounts/${created.json.id}`)).json).toEqual(created.json);
  });

  it('refuse a display name and a dictionary that columns of another server cannot hold', async () => {
    const connection = await connectTo(database);
    const narrow = 'varchar(300) CHARACTER SET latin1 NULL';
    const wide = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL';
    await connection.query('UPDATE accounts SET display_name = NULL, dictionary = NULL');
    await connection.query(`ALTER TABLE accounts MODIFY display_name ${narrow}, MODIFY dictionary ${narrow}`);
    const before = await api.count('accounts');
    const given = { username: api.given.unique('newcomer'), password: 'secret words' };
    for (const [member, value] of [
      ['display_name', '日本'],
      ['dictionary', { key: '日本' }],
      ['dictionary', { key: 'x'.repeat(300) }],
    ] as const) {
      expect(await api.withKey(admin).post('/api/accounts', { ...given, [member]: value })).toMatchObject({
        status: 422,
        json: { errors: { [member]: [expect.stringContaining('cannot store')] as unknown[] } },
      });
    }
    expect(await api.count('accounts')).toBe(before);
    await connection.query(
      `ALTER TABLE accounts MODIFY display_name varchar(255) ${wide}, MODIFY dictionary text ${wide}`,
    );
    await connection.end();
  });

  it.each(Object.entries(kept))('keep of the User-Agent "%s" what they can: "%s"', async (text, expected) => {
    const created = await post('/api/accounts/with-token', await registrationBody(api), { 'user-agent': utf8(text) });
    expect(created).toMatchObject({ status: 200, json: { user_agent: expected } });
    expect((await api.withKey(admin).get(`/api/accounts/${created.json.id}`)).json.user_agent).toBe(expected);
  });

  it('keep as much of a User-Agent as there is room for', async () => {
    const connection = await connectTo(database);
    await connection.query('ALTER TABLE accounts MODIFY user_agent varchar(20) NOT NULL');
    await connection.end();
    const created = await post('/api/accounts/with-token', await registrationBody(api), {
      'user-agent': utf8(`é📱${'x'.repeat(300)}`),
    });
    expect(created.status).toBe(200);
    expect([...created.json.user_agent]).toHaveLength(20);
  });

  it('let no first administrator have a name they cannot hold, and the start say so', async () => {
    const connection = await connectTo(database);
    await connection.query('DELETE FROM admins');
    const settings = {
      APP_KEY,
      FIRST_ADMIN: 'emoji📱',
      USERNAME_PATTERN,
      PORT: '0',
    };
    const { code, stderr } = await runNode([SERVICE], { ...database.environment, ...settings });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^FIRST_ADMIN: username holds characters that the database cannot store[^\n]*\n$/,
      ) as string,
    });
    expect((await connection.query('SELECT id FROM admins'))[0]).toEqual([]);
    await connection.end();
  });
});
