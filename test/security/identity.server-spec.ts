import { Api } from '../support/api.js';
import { DigestClient } from '../support/digest-client.js';
import { type Collation, fill2021 } from '../support/database-2021.js';
import { type Answer, ME } from '../support/http.js';
import { confirmationPathOf, confirmEmail, requestEmail } from '../support/mail-routes.js';
import { registrationBody, uniquePhone } from '../support/public-routes.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { fillTables } from './full-tables.js';
import { type Statement, withStatements } from './statements.js';

/** Spellings of a text that a collation of the database treats as equal. */
const SPELLINGS: Record<string, (text: string) => string> = {
  'another case': (text) =>
    text.replace(/[a-z]/gi, (letter) => (/[a-z]/.test(letter) ? letter.toUpperCase() : letter.toLowerCase())),
  'full width': (text) => text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
  'one letter of full width': (text) =>
    text.replace(/[a-z0-9]/i, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
  'an accent': (text) => text.replace(/[a-z0-9]/i, (character) => `${character}\u0301`.normalize()),
  'a blank behind': (text) => `${text} `,
  'a tab behind': (text) => `${text}\t`,
  'a zero-width joiner': (text) => `${text.slice(0, 2)}\u200d${text.slice(2)}`,
  'a soft hyphen': (text) => `${text.slice(0, 2)}\u00ad${text.slice(2)}`,
  'a NUL behind': (text) => `${text}\0`,
};

const COLLATIONS: (Collation & { from: string })[] = [
  { from: 'made by us', charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
  { from: 'of 2021', charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
  { from: 'of 2021', charset: 'utf8mb4', collation: 'utf8mb4_general_ci' },
  { from: 'of 2021', charset: 'latin1', collation: 'latin1_swedish_ci' },
];

/** The answers whose status is not an expected one. */
const othersThan = (expected: number[], statuses: Record<string, number>) =>
  Object.fromEntries(Object.entries(statuses).filter(([, status]) => !expected.includes(status)));

describe.each(COLLATIONS)('On a database $from in $collation', ({ from, ...collation }) => {
  let database: TestDatabase;
  let api: Api;

  beforeAll(async () => {
    database = await createDatabase();
    if (from === 'of 2021') await fill2021(database, collation);
    api = await Api.start({ database });
  });
  afterAll(async () => {
    await api.stop();
    await database.remove();
  });

  /** The statuses for all other spellings of a text, 404 for example. */
  const statusesFor = async (right: string, call: (spelling: string) => Promise<Answer>) => {
    const statuses: Record<string, number> = {};
    for (const [name, respell] of Object.entries(SPELLINGS)) {
      const spelling = respell(right);
      if (spelling !== right) statuses[name] = (await call(spelling)).status;
    }
    return statuses;
  };

  it('the collation takes other spellings for the same text: without our own comparison they would be found', async () => {
    const { username } = await api.given.account({ username: 'collated.name' });
    const isFound = async (name: string) =>
      (await api.count('accounts', 'username = ?', [SPELLINGS[name]?.(username)])) === 1;
    expect([await isFound('another case'), await isFound('a blank behind')]).toEqual([true, true]);
  });

  it.each(['info', 'From', 'activate'] as const)('a name in another spelling is another one: %s', async (where) => {
    const account = await api.given.inactiveAccount({
      username: api.given.unique('exact.name'),
      confirmationKey: 'RightCode1234',
    });
    const calls = {
      info: (name: string) => api.anonymous().get(`/api/accounts/${encodeURIComponent(name)}@sip.example.org/info`),
      From: (name: string) =>
        api.send({
          path: ME,
          headers: { from: `sip:${encodeURIComponent(name)}@sip.example.org`, 'x-api-key': account.apiKey ?? '' },
        }),
      activate: (name: string) =>
        api
          .anonymous()
          .post(`/api/accounts/${encodeURIComponent(name)}@sip.example.org/activate/email`, { code: 'RightCode1234' }),
    };
    expect(othersThan([404, 422], await statusesFor(account.username, calls[where]))).toEqual({});
    const right = await calls[where](account.username);
    expect(right.status).toBe(where === 'From' ? 403 : 200);
  });

  it('a token in another spelling is another one', async () => {
    const body = await registrationBody(api, { token: await api.given.token({ token: 'RightToken123' }) });
    const redeem = (token: string) => api.anonymous().post('/api/accounts/with-token', { ...body, token });
    expect(othersThan([422], await statusesFor(body.token, redeem))).toEqual({});
    expect((await redeem(body.token)).status).toBe(200);
  });

  it('an activation code in another spelling is another one', async () => {
    const { sip } = await api.given.inactiveAccount({ confirmationKey: 'RightCode1234' });
    const activate = (code: string) => api.anonymous().post(`/api/accounts/${sip}/activate/email`, { code });
    expect(othersThan([404, 422], await statusesFor('RightCode1234', activate))).toEqual({});
    expect((await activate('RightCode1234')).status).toBe(200);
  });

  it('a code for a phone in another spelling is none', async () => {
    const alice = await api.given.account();
    await api.withKey(alice).post(`${ME}/phone/request`, { phone: uniquePhone(api) });
    const { code } = api.messages.last;
    const confirm = (spelling: string) => api.withKey(alice).post(`${ME}/phone`, { code: spelling });
    expect(othersThan([422], await statusesFor(code, confirm))).toEqual({});
    expect((await confirm(code)).status).toBe(200);
  });

  it('a key in another spelling is another one', async () => {
    const alice = await api.given.account();
    const call = (key: string) =>
      api.send({ path: ME, headers: { from: alice.from, 'x-api-key': Buffer.from(key, 'utf8').toString('latin1') } });
    const key = alice.apiKey ?? '';
    // HTTP removes blanks at the end of a header, and rejects a NUL.
    const { 'a blank behind': _blank, 'a tab behind': _tab, 'a NUL behind': _nul, ...others } = SPELLINGS;
    for (const respell of Object.values(others)) expect((await call(respell(key))).status).toBe(401);
    expect((await call(key)).status).toBe(200);
  });

  it('a nonce in another spelling is another one, before and after the right one was used', async () => {
    const alice = await api.given.account();
    const { challenge } = await DigestClient.start(api, alice);
    const call = (nonce: string, nc: number) => {
      const authorization = new DigestClient({ ...challenge, nonce }, alice).authorizeAs(nc);
      return api.send({
        path: ME,
        headers: { from: alice.from, authorization: Buffer.from(authorization, 'utf8').toString('latin1') },
      });
    };
    const { 'a NUL behind': _nul, ...others } = SPELLINGS;
    const wrong = Object.values(others).map((respell) => respell(challenge.nonce));
    for (const nonce of wrong) expect((await call(nonce, 1)).status).toBe(401);
    expect((await call(challenge.nonce, 1)).status).toBe(200);
    for (const nonce of wrong) expect((await call(nonce, 2)).status).toBe(401);
    expect(await api.count('nonces', 'account_id = ?', [alice.id])).toBe(1);
  });

  it('the secret of a link in another spelling is another one', async () => {
    const alice = await api.given.account();
    await requestEmail(api, alice, 'new@example.org');
    const path = confirmationPathOf(api.mails.last);
    const secret = path.split('/').at(-1) ?? '';
    const confirm = (spelling: string) => confirmEmail(api, path.replace(secret, encodeURIComponent(spelling)));
    expect(othersThan([404], await statusesFor(secret, confirm))).toEqual({});
    expect((await confirm(secret)).status).toBe(200);
  });

  it('every statement of these routes finds its rows by an index, where there are 2,000', async () => {
    await fillTables(api, 2_000);
    const { statements } = await withStatements(api, () => everyLookup(api));
    const explained = statements.filter(({ text }) => /^\s*(SELECT|UPDATE|DELETE)\b/i.test(text));
    expect(explained.length).toBeGreaterThan(30);
    // A nonce is checked by an INSERT, which cannot be explained. This SELECT uses the same unique index.
    const nonce: Statement = { text: 'SELECT nc FROM nonces WHERE nonce = ?', parameters: ['nonce1000'] };
    expect(await readingWholeTables(api, [...explained, nonce])).toEqual([]);
  });
});

/** Makes the service run every lookup by name, token, nonce, key, phone or id, with and without a result. */
async function everyLookup(api: Api): Promise<void> {
  const alice = await api.given.account({ username: api.given.unique('full'), email: 'old@example.org' });
  await api.withKey(alice).get(ME);
  await api.withDigest(alice).get(ME);
  await api.anonymous().get('/api/accounts/unknown@sip.example.org/info');
  await api.anonymous().get('/api/accounts/%C3%81lice@sip.example.org/info');
  for (const username of [api.given.unique('newcomer'), '+33699999001']) {
    const body = await registrationBody(api, { username, phone: uniquePhone(api) });
    await api.anonymous().post('/api/accounts/with-token', body);
    await api
      .anonymous()
      .post(`/api/accounts/${username}@sip.example.org/activate/phone`, { code: api.messages.last.code });
  }
  await api.anonymous().post('/api/tokens', { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'prid1000' });
  await api.anonymous().post('/api/tokens', { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'another' });
  await api.withKey(alice).post(`${ME}/phone/request`, { phone: uniquePhone(api) });
  await api.withKey(alice).post(`${ME}/phone`, { code: api.messages.last.code });
  await requestEmail(api, alice, 'new@example.org');
  const path = confirmationPathOf(api.mails.last);
  await api.anonymous().get(path);
  await confirmEmail(api, path);
  await api
    .withKey(alice)
    .post(`${ME}/password`, { algorithm: 'MD5', password: 'new words', old_password: alice.password });
  const admin = await api.given.admin();
  await api.withKey(admin).post(`/api/accounts/${alice.id}/deactivate`);
  await api.withKey(admin).delete(`/api/accounts/${alice.id}`);
}

/** The statements that scan a whole table, each with its plan. */
async function readingWholeTables(api: Api, statements: readonly Statement[]): Promise<string[]> {
  const found = new Set<string>();
  for (const { text, parameters } of statements) {
    for (const { table, type, key, rows } of await api.sql(`EXPLAIN FORMAT=TRADITIONAL ${text}`, parameters)) {
      // Without a type, the server knows from an index that there is no such row.
      if (type === null || ['const', 'system', 'eq_ref', 'ref', 'range', 'ref_or_null'].includes(String(type)))
        continue;
      found.add(`${text.replaceAll(/\s+/g, ' ')}: ${table} ${type} ${key} ${rows}`);
    }
  }
  return [...found];
}
