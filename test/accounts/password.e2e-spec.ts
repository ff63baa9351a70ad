import { Api } from '../support/api.js';
import { type DigestAlgorithm, ha1Of } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal, tally } from '../support/refusal.js';
import { faultOf, REFUSED_BY_TEST, whileRefusing } from '../support/refused-writes.js';

const PATH = '/api/accounts/me/password';
const RIGHT = { algorithm: 'SHA-256', password: 'new password', old_password: 'secret words' };

const ha1 = (algorithm: DigestAlgorithm, { username, domain }: GivenAccount, password: string) =>
  ha1Of(algorithm, { username, realm: domain, password });

describe('POST /accounts/me/password', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
  });
  afterAll(() => api.stop());

  const stored = (account: GivenAccount) =>
    api.sql('SELECT algorithm, password FROM passwords WHERE account_id = ? ORDER BY algorithm', [account.id]);
  const change = (account: GivenAccount, body: unknown) => api.withKey(account).post(PATH, body);

  describe('replaces every stored password by one HA1', () => {
    const kept = [['MD5'], ['SHA-256'], ['MD5', 'SHA-256'], ['CLRTXT']] as const;
    const cases = kept.flatMap((one) =>
      (['MD5', 'SHA-256'] as const).map((algorithm) => ({ kept: [...one], algorithm })),
    );

    it.each(cases)('of $algorithm, where $kept was stored', async ({ kept: before, algorithm }) => {
      const account = await api.given.account({ stored: before });
      const answer = await api.withDigest(account).post(PATH, { ...RIGHT, algorithm });
      expect(answer).toMatchObject({ status: 200, text: '{}' });
      const password = ha1(algorithm, account, 'new password');
      expect(await stored(account)).toEqual([{ algorithm, password }]);
      const me = await api
        .withDigest({ ...account, password: 'new password', algorithms: [algorithm] })
        .get('/api/accounts/me');
      expect(me.json.passwords).toEqual([{ algorithm }]);
    });

    it.each([
      { kept: ['MD5'], now: ['MD5'] },
      { kept: ['SHA-256'], now: ['SHA-256'] },
      { kept: ['MD5', 'SHA-256'], now: ['MD5', 'SHA-256'] },
      { kept: ['CLRTXT'], now: ['MD5', 'SHA-256'] },
      { kept: [], now: ['SHA-256'] },
    ] as const)('stored as $kept, for $now if no algorithm is named', async ({ kept: before, now }) => {
      const account = await api.given.account({ stored: [...before] });
      const body = { password: 'new password', old_password: before.length > 0 ? 'secret words' : undefined };
      expect(await change(account, body)).toMatchObject({ status: 200, text: '{}' });
      expect(await stored(account)).toEqual(
        now.map((algorithm) => ({ algorithm, password: ha1(algorithm, account, 'new password') })),
      );
    });

    it('so that the old password opens nothing any more', async () => {
      const account = await api.given.account();
      await change(account, RIGHT);
      expect(refusal(await api.withDigest(account).get('/api/accounts/me'))).toBe('401 credentials_invalid');
    });

    it('and leaves other accounts alone', async () => {
      const [account, other] = [await api.given.account(), await api.given.account()];
      const before = await stored(other);
      await change(account, RIGHT);
      expect(await stored(other)).toEqual(before);
    });

    it('and sends no mail', async () => {
      const account = await api.given.account({ email: 'alice@example.org' });
      const before = api.mails.attempts;
      expect((await change(account, RIGHT)).status).toBe(200);
      expect(api.mails.attempts).toBe(before);
    });
  });

  describe('takes a password byte for byte', () => {
    it.each([
      ['blanks around it', '  six  '],
      ['six characters', '123456'],
      ['256 characters', 'x'.repeat(256)],
      ['256 characters beyond the first plane', '😀'.repeat(256)],
      ['composed and decomposed letters', 'é é'.normalize('NFC') + 'é'.normalize('NFD') + 'xyz'],
      ['colons, quotes and a zero byte', 'a:b"c\\\u0000d'],
    ])('%s', async (_name, password) => {
      const account = await api.given.account();
      expect((await change(account, { ...RIGHT, password })).status).toBe(200);
      expect(await stored(account)).toEqual([{ algorithm: 'SHA-256', password: ha1('SHA-256', account, password) }]);
      expect((await change(account, { ...RIGHT, old_password: password })).status).toBe(200);
    });

    it('a clear-text one too: neither case nor accents nor blanks are folded', async () => {
      const account = await api.given.account({ stored: ['CLRTXT'], password: 'secret words' });
      for (const wrong of ['Secret words', 'secret words ', 'sécret words', 'secret', undefined]) {
        expect(refusal(await change(account, { ...RIGHT, old_password: wrong }))).toBe(
          '422 old_password_wrong old_password',
        );
      }
      expect((await change(account, RIGHT)).status).toBe(200);
    });
  });

  describe('with a password already', () => {
    it.each([
      ['missing', undefined],
      ['null', null],
      ['wrong', 'wrong words'],
      ['empty', ''],
      ['of another case', 'Secret Words'],
      ['with a blank behind', 'secret words '],
    ])('refuses an old_password that is %s', async (_name, old) => {
      const account = await api.given.account({ stored: ['MD5', 'SHA-256'] });
      const before = await stored(account);
      expect(refusal(await change(account, { ...RIGHT, old_password: old }))).toBe(
        '422 old_password_wrong old_password',
      );
      expect(await stored(account)).toEqual(before);
    });

    it.each(['MD5', 'SHA-256'] as const)('refuses the stored %s hash itself as old_password', async (algorithm) => {
      const account = await api.given.account({ stored: [algorithm] });
      const [{ password }] = await stored(account);
      expect(refusal(await change(account, { ...RIGHT, old_password: password }))).toBe(
        '422 old_password_wrong old_password',
      );
    });

    it('does not take old_password from the query', async () => {
      const account = await api.given.account();
      const body = { algorithm: 'MD5', password: 'new password' };
      const answer = await api.withKey(account).post(`${PATH}?old_password=secret%20words`, body);
      expect(refusal(answer)).toBe('422 old_password_wrong old_password');
    });
  });

  describe('as the first password', () => {
    const first = { algorithm: 'MD5', password: 'first password' };

    it('needs no old_password and mails to the address of the account', async () => {
      const account = await api.given.account({ stored: [], email: 'first@example.org' });
      const before = api.mails.delivered.length;
      expect(await change(account, first)).toMatchObject({ status: 200, text: '{}' });
      expect(await stored(account)).toEqual([{ algorithm: 'MD5', password: ha1('MD5', account, 'first password') }]);
      expect(api.mails.delivered.slice(before)).toEqual([
        { kind: 'password-set', to: 'first@example.org', account: `sip:${account.sip}` },
      ]);
    });

    it('mails nothing where the account has no address', async () => {
      const account = await api.given.account({ stored: [] });
      const before = api.mails.attempts;
      expect((await change(account, first)).status).toBe(200);
      expect(api.mails.attempts).toBe(before);
    });

    it.each(['fail', 'break'] as const)('stays set where the mailer should %s', async (mishap) => {
      const account = await api.given.account({ stored: [], email: 'first@example.org' });
      api.mails[mishap]();
      try {
        expect((await change(account, first)).status).toBe(200);
      } finally {
        api.mails.recover();
      }
      expect(await stored(account)).toHaveLength(1);
    });

    it('is set once by two calls at the same time', async () => {
      const account = await api.given.account({ stored: [], email: 'first@example.org' });
      const before = api.mails.attempts;
      const answers = await Promise.all(
        ['one password', 'other password'].map((password) => change(account, { ...first, password })),
      );
      expect(tally(answers)).toEqual({ 200: 1, '422 old_password_wrong old_password': 1 });
      expect(await stored(account)).toHaveLength(1);
      expect(api.mails.attempts).toBe(before + 1);
    });
  });

  describe('of calls at the same time with the same old password', () => {
    it.each([2, 10])('exactly one of %d succeeds, and its password is the one that counts', async (number) => {
      const account = await api.given.account({ stored: ['MD5', 'SHA-256'] });
      const passwords = Array.from({ length: number }, (_, index) => `password ${index}`);
      const answers = await Promise.all(passwords.map((password) => change(account, { ...RIGHT, password })));
      expect(tally(answers)).toEqual({ 200: 1, '422 old_password_wrong old_password': number - 1 });
      const winner = passwords[answers.findIndex(({ status }) => status === 200)] ?? '';
      expect(await stored(account)).toEqual([{ algorithm: 'SHA-256', password: ha1('SHA-256', account, winner) }]);
    });
  });

  it('takes no notice of a password under an algorithm that nobody knows', async () => {
    const account = await api.given.account();
    await api.sql('INSERT INTO passwords (account_id, password, algorithm) VALUES (?, ?, ?)', [
      account.id,
      'x',
      'SHA-512',
    ]);
    expect((await api.withKey(account).get('/api/accounts/me')).json.passwords).toEqual([{ algorithm: 'SHA-256' }]);
    expect((await change(account, RIGHT)).status).toBe(200);
    expect(await stored(account)).toHaveLength(1);
  });

  it('leaves the old passwords intact where it fails half-way', async () => {
    const account = await api.given.account({ stored: ['MD5', 'SHA-256'], email: 'alice@example.org' });
    const before = await stored(account);
    await whileRefusing(api, 'INSERT', 'passwords', async () => {
      expect(await faultOf(change(account, RIGHT))).toBe('internal_error');
    });
    expect(await stored(account)).toEqual(before);
    const fault = api.log.filter((line) => line.includes(REFUSED_BY_TEST));
    expect(fault).toEqual([expect.stringMatching(/"requestId":"[^"]+"/)]);
    expect(fault.join()).not.toContain(ha1('SHA-256', account, RIGHT.password));
    expect((await api.withDigest(account).get('/api/accounts/me')).status).toBe(200);
    expect((await change(account, RIGHT)).status).toBe(200);
  });

  describe('refuses', () => {
    it.each([
      ['nothing at all', undefined, 'password'],
      ['an empty object', {}, 'password'],
      ['null for what is required', { ...RIGHT, algorithm: null, password: null }, 'password'],
      ['a missing password', { algorithm: 'MD5', old_password: 'secret words' }, 'password'],
      ['CLRTXT as algorithm', { ...RIGHT, algorithm: 'CLRTXT' }, 'algorithm'],
      ['an algorithm in lower case', { ...RIGHT, algorithm: 'md5' }, 'algorithm'],
      ['SHA256 without a dash', { ...RIGHT, algorithm: 'SHA256' }, 'algorithm'],
      ['an algorithm with a line end', { ...RIGHT, algorithm: 'MD5\n' }, 'algorithm'],
      ['a list as algorithm', { ...RIGHT, algorithm: ['MD5'] }, 'algorithm'],
      ['five characters', { ...RIGHT, password: '12345' }, 'password'],
      ['257 characters', { ...RIGHT, password: 'x'.repeat(257) }, 'password'],
      ['a number as password', { ...RIGHT, password: 12345678 }, 'password'],
      ['a boolean as password', { ...RIGHT, password: true }, 'password'],
      ['an object as password', { ...RIGHT, password: { length: 8 } }, 'password'],
      ['a list as password', { ...RIGHT, password: ['new password'] }, 'password'],
      ['a number as old_password', { ...RIGHT, old_password: 12345678 }, 'old_password'],
      ['a list as old_password', { ...RIGHT, old_password: ['secret words'] }, 'old_password'],
      ['an object as old_password', { ...RIGHT, old_password: {} }, 'old_password'],
    ])('%s', async (_name, body, fields) => {
      const account = await api.given.account();
      const before = await stored(account);
      expect(refusal(await change(account, body))).toBe(`422 validation_failed ${fields}`);
      expect(await stored(account)).toEqual(before);
    });

    it('a caller without credentials, before it looks at the body', async () => {
      const { from } = await api.given.account();
      const answer = await api
        .anonymous()
        .send({ method: 'POST', path: PATH, headers: { from, 'content-type': 'text/plain' }, body: '{' });
      expect(refusal(answer)).toBe('401 authentication_required');
    });

    it('an account that is not activated, before it looks at the body', async () => {
      const account = await api.given.inactiveAccount();
      expect(refusal(await change(account, {}))).toBe('403 account_not_activated');
    });

    it('GET', async () => {
      const answer = await api.withKey(await api.given.account()).get(PATH);
      expect(refusal(answer)).toBe('405 method_not_allowed');
      expect(answer.headers.allow).toBe('POST');
    });
  });
});
