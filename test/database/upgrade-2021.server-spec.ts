import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { fill2021, connectTo, snapshot } from '../support/database-2021.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

const known = (
  id: number,
  username: string,
  algorithms: GivenAccount['algorithms'],
  domain = 'sip.example.org',
): GivenAccount => ({
  id,
  username,
  domain,
  sip: `${username}@${domain}`,
  from: `sip:${username}@${domain}`,
  password: 'secret words',
  algorithms,
});

const OTHERS = ['users', 'migrations', 'failed_jobs'];

describe.each([
  { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
  { charset: 'utf8mb4', collation: 'utf8mb4_general_ci' },
  { charset: 'utf8mb4', collation: 'utf8mb4_bin' },
  { charset: 'latin1', collation: 'latin1_swedish_ci' },
  { charset: 'utf8mb3', collation: 'utf8mb3_general_ci' },
])('A database of 2021 in $collation', (collation) => {
  let database: TestDatabase;
  let before: Record<string, unknown>;
  let api: Api;

  beforeAll(async () => {
    database = await createDatabase();
    await fill2021(database, collation);
    before = await snapshot(database);
    api = await Api.start({ database });
  });
  afterAll(async () => {
    await api.stop();
    await database.remove();
  });

  it('keeps every row, and what is not ours as it was', async () => {
    const after = (await snapshot(database)) as Record<string, { rows: object[] }>;
    expect(Object.fromEntries(OTHERS.map((name) => [name, after[name]]))).toEqual(
      Object.fromEntries(OTHERS.map((name) => [name, before[name]])),
    );
    for (const [name, table] of Object.entries(before as Record<string, { rows: object[] }>)) {
      expect({ name, rows: after[name]?.rows }).toMatchObject({ name, rows: table.rows });
    }
  });

  it('lets its accounts in, however their passwords are stored', async () => {
    const alice = known(1, 'alice', ['MD5', 'SHA-256']);
    for (const algorithm of ['MD5', 'SHA-256'] as const) {
      const answer = await api.withDigest(alice, algorithm).get('/api/accounts/me');
      expect(answer.json).toMatchObject({
        id: 1,
        email: 'alice@example.org',
        phone: '+33612345678',
        creation_time: '2021-03-01 10:00:00',
        passwords: [{ algorithm: 'CLRTXT' }],
        email_changed: { new_email: 'new@example.org', created_at: expect.any(String) as string },
      });
    }
    const bob = known(2, 'bobbob', ['MD5', 'SHA-256']);
    expect((await api.withDigest(bob, 'MD5').get('/api/accounts/me')).status).toBe(200);
    expect((await api.withDigest(bob, 'SHA-256').get('/api/accounts/me')).status).toBe(200);
  });

  it('lets its administrators in, by their key', async () => {
    const operator = { ...known(4, 'operator', ['MD5']), apiKey: 'operators-key-of-2021' };
    const list = await api.withKey(operator).get('/api/accounts');
    expect((list.json as { data: { username: string }[] }).data.map(({ username }) => username)).toEqual([
      'alice',
      'bobbob',
      'carol',
      'operator',
      'alice',
    ]);
    expect((await api.withDigest(operator).get('/api/accounts/3')).json).toMatchObject({
      confirmation_key: '1234abcdefghi',
      confirmation_key_expires: '2099-01-01 00:00:00',
    });
    const created = await api
      .withKey(operator)
      .post('/api/accounts', { username: 'daniel', password: 'secret words', algorithm: 'MD5', phone: '+33611111111' });
    expect(created.json).toMatchObject({ username: 'daniel', phone: '+33611111111' });
    await api.withKey(operator).delete(`/api/accounts/${(created.json as { id: number }).id}`);
  });

  it('activates by the whole code only', async () => {
    const activate = (code: string) =>
      api.anonymous().post('/api/accounts/carol@sip.example.org/activate/email', { code });
    for (const code of ['1234', '1234ABCDEFGHI']) expect((await activate(code)).status).toBe(404);
    expect((await activate('1234abcdefghi')).json).toMatchObject({ activated: true });
  });

  it('takes another case, accent or a trailing blank for another account, and refuses to create a duplicate row', async () => {
    for (const sip of [
      'Alice@sip.example.org',
      '%C3%A1lice@sip.example.org',
      'alice%20@sip.example.org',
      'alice@sip.example.org%20',
      'alice@SIP.example.org',
    ]) {
      expect((await api.anonymous().get(`/api/accounts/${sip}/info`)).status).toBe(404);
    }
    expect((await api.anonymous().get('/api/accounts/alice@sip.example.org/info')).status).toBe(200);
  });

  it('has no row for characters its columns cannot hold', async () => {
    for (const name of ['日本日本日本', '😀😀😀', 'čččččč']) {
      const escaped = encodeURIComponent(name);
      expect((await api.anonymous().get(`/api/accounts/${escaped}@sip.example.org/info`)).status).toBe(404);
      expect(
        (await api.send({ path: '/api/accounts/me', headers: { from: `sip:${escaped}@sip.example.org` } })).status,
      ).toBe(404);
      const body = { username: 'newcomer', password: 'secret words', algorithm: 'MD5', token: name };
      expect((await api.anonymous().post('/api/accounts/with-token', body)).json.code).toBe('token_invalid');
    }
  });

  it('answers what Flexisip asks', async () => {
    const connection = await connectTo(database);
    const [passwords] = await connection.query(
      "select password, algorithm from passwords where account_id = (select id from accounts where username = 'bobbob' and domain = 'sip.example.org' and activated = true)",
    );
    expect(passwords).toHaveLength(2);
    const [presence] = await connection.query(
      "select username from accounts where activated = true and (username = '+33687654321' or phone = '+33687654321')",
    );
    expect(presence).toEqual([{ username: 'bobbob' }]);
    await connection.end();
  });
});

describe('A database of 2021 with duplicate rows', () => {
  it('is left as it is, and told which rows are in the way', async () => {
    const database = await createDatabase();
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    const connection = await connectTo(database);
    await connection.query(
      `INSERT INTO accounts (id, username, domain, ip_address, user_agent, creation_time) VALUES (7, 'Alice', 'sip.example.org', '', '', '2021-04-01 00:00:00');
       INSERT INTO passwords (account_id, password, algorithm) VALUES (2, 'x', 'MD5');
       INSERT INTO aliases (account_id, alias, domain) VALUES (5, '+33612345678', 'sip.example.org');
       INSERT INTO admins (account_id) VALUES (4);
       INSERT INTO nonces (account_id, nonce) VALUES (2, 'e77a98292b440774ebd53c31e237536a');`,
    );
    await connection.end();
    const before = await snapshot(database);
    const failure = await Api.start({ database }).catch((error: unknown) => error);
    const { message } = failure as Error;
    expect(message).toContain('Nothing was changed');
    expect(message).toMatch(/accounts: ids 1,7: sip:alice@sip\.example\.org,sip:Alice@sip\.example\.org/);
    expect(message).toMatch(/passwords: ids 2,5: MD5 of sip:bobbob@sip\.example\.org/);
    expect(message).toMatch(/aliases: ids 1,3: sip:\+33612345678@sip\.example\.org of sip:alice@sip\.example\.org/);
    expect(message).toMatch(/admins: ids 1,2: sip:operator@sip\.example\.org/);
    expect(message).toMatch(/nonces: ids 1,2/);
    expect(await snapshot(database)).toEqual(before);

    const mended = await connectTo(database);
    await mended.query(
      'DELETE FROM accounts WHERE id = 7; DELETE FROM passwords WHERE id = 5; DELETE FROM aliases WHERE id = 3; DELETE FROM admins WHERE id = 2; DELETE FROM nonces WHERE id = 2',
    );
    await mended.end();
    const api = await Api.start({ database });
    expect((await api.withDigest(known(1, 'alice', ['MD5', 'SHA-256'])).get('/api/accounts/me')).status).toBe(200);
    await api.stop();
    await database.remove();
  });
});
