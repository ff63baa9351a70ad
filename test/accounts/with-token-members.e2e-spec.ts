import { Api } from '../support/api.js';
import {
  BEHIND_PROXY,
  NOTHING_LEFT,
  registrationBody,
  stranger,
  tracesOf,
  uniquePhone,
} from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

const PATH = '/api/accounts/with-token';

describe('POST /accounts/with-token', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  beforeEach(() => {
    for (const sender of [api.mails, api.messages]) sender.attempts = 0;
  });
  afterAll(() => api.stop());

  const create = (body: unknown) => stranger(api).post(PATH, body);

  /** Expects that the call is refused, stores nothing and sends nothing. */
  async function expectRefused(members: Record<string, unknown>, expected: string): Promise<void> {
    const body = await registrationBody(api, members);
    const accounts = await api.count('accounts');
    expect(refusal(await create(body))).toBe(expected);
    expect(await api.count('accounts')).toBe(accounts);
    if (!('token' in members)) expect(await tracesOf(api, { ...body, username: 'whoever' })).toEqual(NOTHING_LEFT);
    expect([api.mails.attempts, api.messages.attempts]).toEqual([0, 0]);
  }

  const notStrings = [7, 1.5, true, false, [], ['alice.list'], {}, { length: 10 }];

  describe('refuses', () => {
    it.each([
      '',
      'short',
      'a'.repeat(65),
      'Alice12',
      'ALICE12',
      'alice 12',
      'alice12 ',
      ' alice12',
      'alice12\n',
      'alice12\u0000',
      'älice12',
      'alice@12',
      'alice/12',
      'alice:12',
      'alice%12',
      "alice'12",
      'alice12;x',
      'alice１２',
      '\ud800alice12',
      ...notStrings,
    ])('username %j', (username) => expectRefused({ username }, '422 validation_failed username'));

    it.each(['', '12345', 'x'.repeat(257), '\ud800abcdef', 123_456, ...notStrings])('password %j', (password) =>
      expectRefused({ password }, '422 validation_failed password'),
    );

    it.each(['', 'sha-256', 'SHA256', 'SHA-256 ', 'md5', 'CLRTXT', 'SHA-512', 'MD5\n', ...notStrings])(
      'algorithm %j',
      (algorithm) => expectRefused({ algorithm }, '422 validation_failed algorithm'),
    );

    it.each([
      '',
      'other.example.org',
      'SIP.example.org',
      'sip.example.org ',
      ' sip.example.org',
      'sip.example.org.',
      '127.0.0.1',
      ...notStrings,
    ])('domain %j', (domain) => expectRefused({ domain }, '422 validation_failed domain'));

    it.each([
      '',
      'nobody',
      'nobody@',
      '@example.org',
      'a b@example.org',
      'john@example.org ',
      ' john@example.org',
      'john@example.org\n',
      'john@example.org,other@example.org',
      'John <john@example.org>',
      'john@@example.org',
      'john@example..org',
      'john@exa mple.org',
      `${'a'.repeat(53)}@example.org`,
      'jo\u0000hn@example.org',
      'john@example.org\u0000',
      '\ud800@example.org',
      ...notStrings,
    ])('email %j', (email) => expectRefused({ email }, '422 validation_failed email'));

    it.each([
      '"a\r\nBcc: other@example.com"@example.org',
      '"a\nb"@example.org',
      '"\u0001"@example.org',
      '"\u007f"@example.org',
    ])('an email with control characters, which would end a line of the mail: %j', (email) =>
      expectRefused({ email }, '422 validation_failed email'),
    );

    it.each([
      '',
      '+',
      '0612345678',
      '33612345678',
      '0033612345678',
      '+0612345678',
      '+33 612345678',
      '+33-612345678',
      '+33612345678 ',
      ' +33612345678',
      '+33612345678\n',
      '+1234567890123456',
      '+336123456ab',
      '++33612345678',
      '+٣٣٦١٢٣٤٥٦٧٨',
      '+33612345678;ext=1',
      33_612_345_678,
      ...notStrings,
    ])('phone %j', (phone) => expectRefused({ phone }, '422 validation_failed phone'));

    it.each([12_345, ...notStrings])('token %j', (token) => expectRefused({ token }, '422 validation_failed token'));

    it('a token that nobody was sent, however long', async () => {
      await expectRefused({ token: 'AbCdEfGhIjKlM' }, '422 token_invalid token');
      for (const token of ['', 'x'.repeat(256), 'x'.repeat(60_000), "' OR 1=1 --", '\ud800']) {
        const body = await registrationBody(api, { token });
        expect(refusal(await create(body))).toMatch(/^422 (validation_failed|token_invalid) token$/);
      }
    });

    it('an email together with a phone', () =>
      expectRefused({ email: 'john@example.org', phone: uniquePhone(api) }, '422 validation_failed email,phone'));

    it.each(['username', 'password', 'algorithm', 'token'])(
      'a body without %s, or where it is null',
      async (member) => {
        for (const value of [undefined, null])
          await expectRefused({ [member]: value }, `422 validation_failed ${member}`);
      },
    );

    it('no body at all, an empty one, and members in the query, naming every missing member', async () => {
      const all = '422 validation_failed algorithm,password,token,username';
      expect(refusal(await create(undefined))).toBe(all);
      expect(refusal(await create({}))).toBe(all);
      const { username, password, algorithm, token } = await registrationBody(api);
      const query = new URLSearchParams({ username, password, algorithm, token });
      expect(refusal(await stranger(api).post(`${PATH}?${query.toString()}`, {}))).toBe(all);
    });

    it('several members at once, naming each', () =>
      expectRefused(
        { username: 'x', password: 'y', algorithm: 'z', email: 7 },
        '422 validation_failed algorithm,email,password,username',
      ));

    it('bodies that are no JSON object, too large, or of another type', async () => {
      const good = JSON.stringify(await registrationBody(api));
      const post = async (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
        refusal(await stranger(api).send({ method: 'POST', path: PATH, headers, body }));
      expect(await post(good.slice(0, -1))).toBe('400 body_not_json');
      expect(await post(`[${good}]`)).toBe('400 body_not_object');
      expect(await post(good, {})).toBe('415 body_type_unsupported');
      expect(await post(good, { 'content-type': 'application/x-www-form-urlencoded' })).toBe(
        '415 body_type_unsupported',
      );
      expect(await post(good + ' '.repeat(65_537))).toBe('413 body_too_large');
      expect(
        (
          await stranger(api).send({
            method: 'POST',
            path: PATH,
            headers: { 'content-type': 'application/json' },
            body: good,
          })
        ).status,
      ).toBe(200);
    });

    it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])('%s, with 405 and Allow', async (method) => {
      expect(await stranger(api).send({ method, path: PATH })).toMatchObject({
        status: 405,
        headers: { allow: 'POST' },
      });
    });
  });

  describe('takes', () => {
    it.each([
      ['username', 'sixsix'],
      ['username', 'u'.repeat(64)],
      ['username', '_.+-09az'],
      ['username', '123456'],
      ['username', '-----6'],
      ['password', '123456'],
      ['password', ' '.repeat(6)],
      ['password', 'p'.repeat(256)],
      ['password', '😀'.repeat(256)],
      ['algorithm', 'MD5'],
      ['algorithm', 'SHA-256'],
      ['domain', 'sip.example.org'],
      ['email', `${'a'.repeat(52)}@example.org`],
      ['email', "o'neil+tag_%@mail.example.co.uk"],
      ['phone', '+123456789012345'],
      ['phone', '+4912345678'],
    ])('%s %j', async (member, value) => {
      const { status, json } = await create(await registrationBody(api, { [member]: value }));
      expect(status).toBe(200);
      if (['username', 'domain', 'email'].includes(member)) expect(json[member]).toBe(value);
    });
  });

  describe('refuses a name or number that', () => {
    it('is a username of the domain', async () => {
      const { username } = await api.given.account();
      await expectRefused({ username }, '422 username_taken username');
    });

    it('is a username that waits for its activation', async () => {
      const { username } = await api.given.inactiveAccount();
      await expectRefused({ username }, '422 username_taken username');
    });

    it('is, as a username, the phone of another account in the domain', async () => {
      const phone = uniquePhone(api);
      await api.given.account({ phone });
      await expectRefused({ username: phone }, '422 username_taken username');
    });

    it('is, as a phone, the phone of another account in the domain', async () => {
      const phone = uniquePhone(api);
      await api.given.account({ phone });
      await expectRefused({ phone }, '422 phone_taken phone');
    });

    it('is, as a phone, the username of another account in the domain', async () => {
      const phone = uniquePhone(api);
      await api.given.inactiveAccount({ username: phone });
      await expectRefused({ phone }, '422 phone_taken phone');
    });

    it('is taken in this domain, but not one of another domain or a number without its plus', async () => {
      const [phone, username] = [uniquePhone(api), api.given.unique('elsewhere')];
      await api.given.account({ phone, username, domain: 'other.example.org' });
      for (const members of [{ username }, { username: phone }])
        expect((await create(await registrationBody(api, members))).status).toBe(200);

      const owned = uniquePhone(api);
      await api.given.account({ phone: owned });
      expect((await create(await registrationBody(api, { username: owned.slice(1) }))).status).toBe(200);
      const other = uniquePhone(api);
      await api.given.account({ phone: other, domain: 'other.example.org' });
      expect((await create(await registrationBody(api, { phone: other }))).status).toBe(200);
    });
  });
});
