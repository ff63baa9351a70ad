import { unusableKeys, isApiKey } from '../../src/auth/api-key-form.js';
import { unusablePasswords, usablePassword } from '../../src/digest/stored-password.js';
import { Api } from '../support/api.js';
import { askForChallenges, digestHash } from '../support/digest-client.js';
import { forgeAnswer } from '../support/digest-forger.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { isOnServer } from '../support/test-database.js';
import { Visitor } from '../support/visitor.js';

const md5 = (text: string) => digestHash('MD5', text);
const sha256 = (text: string) => digestHash('SHA-256', text);

/** Values that some databases have in `passwords` and that are not secrets. */
const NO_PASSWORDS: [algorithm: string, stored: string][] = [
  ['MD5', '*'],
  ['MD5', ''],
  ['MD5', '!'],
  ['MD5', 'x'],
  ['MD5', md5('a').slice(1)],
  ['MD5', `${md5('a')}0`],
  ['MD5', `${md5('a').slice(1)}g`],
  ['MD5', ` ${md5('a').slice(1)}`],
  ['MD5', `${md5('a').slice(1)}\n`],
  ['MD5', `${md5('a')}\n`],
  ['MD5', sha256('a')],
  ['SHA-256', '*'],
  ['SHA-256', ''],
  ['SHA-256', md5('a')],
  ['SHA-256', `${sha256('a').slice(1)}é`],
  ['CLRTXT', ''],
  ['md5', md5('a')],
  ['SHA-512', sha256('a')],
];

const PASSWORDS: [algorithm: string, stored: string][] = [
  ['MD5', md5('a')],
  ['MD5', md5('a').toUpperCase()],
  ['SHA-256', sha256('a')],
  ['SHA-256', sha256('a').toUpperCase()],
  ['CLRTXT', '*'],
  ['CLRTXT', 'secret words'],
];

describe('A stored value that is no valid secret', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  const accountWith = async (algorithm: string, stored: string): Promise<GivenAccount> => {
    const account = await api.given.account({ stored: [] });
    await api.sql('INSERT INTO passwords (account_id, algorithm, password) VALUES (?, ?, ?)', [
      account.id,
      algorithm,
      stored,
    ]);
    return account;
  };
  const challengesOf = ({ from }: GivenAccount) => askForChallenges(api, from);
  /** Answers each challenge like an attacker who knows the content of the table. */
  const loginsWith = async (account: GivenAccount, ha1: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (const { algorithm } of await challengesOf(account)) {
      const challenge = (await challengesOf(account)).find((one) => one.algorithm === algorithm);
      if (!challenge) throw new Error(`no challenge for ${algorithm}`);
      const authorization = forgeAnswer(challenge, {
        username: account.username,
        password: '',
        method: 'GET',
        uri: ME,
        ha1,
      });
      statuses.push((await api.send({ path: ME, headers: { from: account.from, authorization } })).status);
    }
    return statuses;
  };

  it.each(NO_PASSWORDS)('as a password in %s, %j, opens nothing', async (algorithm, stored) => {
    const account = await accountWith(algorithm, stored);
    const own = 'MD5' === algorithm || algorithm === 'md5' ? md5 : sha256;
    for (const ha1 of [stored, stored.toLowerCase(), own(`${account.username}:${account.domain}:${stored}`)]) {
      expect(await loginsWith(account, ha1)).toEqual([401, 401]);
    }
    const visitor = new Visitor(api);
    expect((await visitor.signIn({ ...account, password: stored })).status).toBe(403);
    expect((await api.withKey(account).get(ME)).json.passwords).toEqual([]);
  });

  it('as a password is like none: both challenges, and its owner may set a first one', async () => {
    const account = await accountWith('MD5', '*');
    expect((await challengesOf(account)).map(({ algorithm }) => algorithm)).toEqual(['MD5', 'SHA-256']);
    const change = { algorithm: 'SHA-256', password: 'another secret' };
    expect((await api.withKey(account).post(`${ME}/password`, { ...change })).status).toBe(200);
    expect(await api.count('passwords', 'account_id = ?', [account.id])).toBe(1);
    expect((await api.withDigest(account, 'SHA-256', 'another secret').get(ME)).status).toBe(200);
  });

  it('as a password beside a right one takes no place of it, and is no old password', async () => {
    const account = await api.given.account({ stored: ['SHA-256'] });
    await api.sql("INSERT INTO passwords (account_id, algorithm, password) VALUES (?, 'MD5', '*')", [account.id]);
    expect((await challengesOf(account)).map(({ algorithm }) => algorithm)).toEqual(['SHA-256']);
    expect((await api.withKey(account).get(ME)).json.passwords).toEqual([{ algorithm: 'SHA-256' }]);
    const change = { algorithm: 'SHA-256', password: 'another secret' };
    for (const old_password of ['*', '']) {
      expect((await api.withKey(account).post(`${ME}/password`, { ...change, old_password })).status).toBe(422);
    }
    expect(
      (await api.withKey(account).post(`${ME}/password`, { ...change, old_password: account.password })).status,
    ).toBe(200);
    expect(await api.count('passwords', 'account_id = ?', [account.id])).toBe(1);
  });

  it('is told from an HA1 in upper case, which counts, as Flexisip takes it', async () => {
    const account = await api.given.account({ stored: ['MD5', 'SHA-256'] });
    await api.sql('UPDATE passwords SET password = UPPER(password) WHERE account_id = ?', [account.id]);
    for (const algorithm of ['MD5', 'SHA-256'] as const)
      expect((await api.withDigest(account, algorithm).get(ME)).status).toBe(200);
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    expect(visitor.path).toBe('/account');
    const only = await api.given.account({ stored: ['MD5'] });
    await api.sql('UPDATE passwords SET password = UPPER(password) WHERE account_id = ?', [only.id]);
    const change = { algorithm: 'MD5', password: 'another secret', old_password: only.password };
    expect((await api.withDigest(only).post(`${ME}/password`, change)).status).toBe(200);
    expect((await api.withDigest(only, 'MD5', 'another secret').get(ME)).status).toBe(200);
  });

  it('is the same in the statement of the doctor as in the function of the service', async () => {
    const expected: string[] = [];
    for (const [algorithm, password] of [...NO_PASSWORDS, ...PASSWORDS]) {
      const { id } = await accountWith(algorithm, password);
      if (!usablePassword({ algorithm, password })) expected.push(String(id));
    }
    expect(expected).toHaveLength(NO_PASSWORDS.length);
    const dialect = isOnServer ? 'mysql' : 'sqlite';
    const since = Number(expected[0]);
    const found = await api.sql(
      `SELECT p.account_id AS id FROM passwords p WHERE p.account_id >= ${since} AND (${unusablePasswords(dialect)}) ORDER BY p.account_id`,
    );
    expect(found.map(({ id }) => String(id))).toEqual(expected);

    const keys = [
      '',
      '*',
      'short',
      'a key with blanks in it',
      'clé-de-vingt-caractères',
      'operators-key-of-2021',
      '!~!~!~!~',
    ];
    const odd: string[] = [];
    for (const key of keys) {
      const { id } = await api.given.account({ key: false });
      await api.sql('INSERT INTO api_keys (account_id, `key`) VALUES (?, ?)', [id, key]);
      if (!isApiKey(key)) odd.push(String(id));
    }
    expect(odd).toHaveLength(5);
    const rows = await api.sql(
      `SELECT k.account_id AS id FROM api_keys k WHERE ${unusableKeys(dialect)} ORDER BY k.account_id`,
    );
    expect(rows.map(({ id }) => String(id))).toEqual(odd);
    await api.sql(`DELETE FROM api_keys WHERE account_id >= ${odd[0]}`);
  });

  it.each(['', ' ', '*', '-', 'null', 'ERROR'])('as an API key, %j, opens nothing', async (key) => {
    const account = await api.given.account({ key: false });
    await api.sql('INSERT INTO api_keys (account_id, `key`) VALUES (?, ?)', [account.id, key]);
    expect((await api.send({ path: ME, headers: { from: account.from, 'x-api-key': key } })).status).toBe(401);
    await api.sql('DELETE FROM api_keys WHERE account_id = ?', [account.id]);
  });

  it.each(['', 'ERROR', '0', 'aZ3kP9sQ1xW7bb'])('as an activation code, %j, is no code', async (confirmationKey) => {
    const account = await api.given.inactiveAccount({ confirmationKey });
    for (const route of ['email', 'phone']) {
      const answer = await api
        .anonymous()
        .post(`/api/accounts/${account.sip}/activate/${route}`, { code: confirmationKey });
      expect([404, 422]).toContain(answer.status);
    }
    const shown = await api.withKey(await api.given.admin()).get(`/api/accounts/${account.id}`);
    expect(shown.json).toMatchObject({ activated: false, confirmation_key: null });
  });

  it('as a token, a phone code or the hash of a link opens nothing', async () => {
    await api.sql(
      "INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, created_at) VALUES ('', 'fcm', 'p', 'd', 0, ?)",
      [api.given.moment()],
    );
    const body = { username: api.given.unique('newcomer'), password: 'secret words', algorithm: 'MD5', token: '' };
    expect((await api.anonymous().post('/api/accounts/with-token', body)).status).toBe(422);
    expect((await api.anonymous().post('/api/accounts/with-token', { ...body, token: ' ' })).status).toBe(422);

    const account = await api.given.account();
    const now = api.given.moment();
    await api.sql(
      "INSERT INTO phone_change_codes (account_id, code, phone, created_at) VALUES (?, '', '+33612345678', ?)",
      [account.id, now],
    );
    expect((await api.withKey(account).post(`${ME}/phone`, { code: '' })).status).toBe(422);
    expect((await api.withKey(account).post(`${ME}/phone`, { code: '0000' })).status).toBe(403);

    await api.sql(
      "INSERT INTO email_changed (account_id, new_email, hash, created_at) VALUES (?, 'new@example.org', '', ?)",
      [account.id, now],
    );
    for (const secret of ['x', '-', '0']) {
      expect((await new Visitor(api).open(`/account/email/${account.id}/${secret}`)).status).toBe(404);
    }
    expect((await api.withKey(account).get(ME)).json).toMatchObject({ phone: null, email: null });
  });
});
