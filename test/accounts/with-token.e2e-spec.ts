import { Api } from '../support/api.js';
import { NEW_COLUMNS, newMembersOf } from '../support/new-account.js';
import { ha1Of } from '../support/digest-client.js';
import {
  BEHIND_PROXY,
  NOTHING_LEFT,
  postAsStranger,
  range,
  registrationBody,
  secondsUntil,
  tracesOf,
  uniquePhone,
} from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

const PATH = '/api/accounts/with-token';
const [HOUR, DAY] = [3_600, 86_400];
/** Seconds that a test may take between moving the clock and the answer. */
const MARGIN = 5;

describe('POST /accounts/with-token', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  beforeEach(() => {
    for (const sender of [api.pushes, api.mails, api.messages]) Object.assign(sender, { attempts: 0, delivered: [] });
  });
  afterAll(() => api.stop());

  const create = (body: unknown, headers: Record<string, string | string[]> = {}, path = PATH) =>
    postAsStranger(api, path, body, headers);
  const rowsOf = (table: string, id: number) => api.sql(`SELECT * FROM ${table} WHERE account_id = ?`, [id]);
  const rowOf = async (id: number) => (await api.sql('SELECT * FROM accounts WHERE id = ?', [id]))[0];

  describe('without email and phone', () => {
    it('answers the account, not activated, and nothing else', async () => {
      const body = await registrationBody(api);
      const { status, json } = await create(body, {
        'x-forwarded-for': '192.0.2.33',
        'user-agent': 'LinphoneAndroid/5.2.5',
      });
      expect(status).toBe(200);
      expect(json).toEqual({
        id: expect.any(Number),
        username: body.username,
        domain: 'sip.example.org',
        email: null,
        activated: false,
        admin: false,
        ip_address: '192.0.2.33',
        user_agent: 'LinphoneAndroid/5.2.5',
        creation_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        realm: null,
        phone: null,
        confirmation_key_expires: null,
        passwords: [{ algorithm: 'SHA-256' }],
        email_changed: null,
        ...newMembersOf(json),
      });
      expect(Math.abs(secondsUntil(api, json.creation_time))).toBeLessThan(MARGIN);
    });

    it('stores the account, its password and the spent token, and sends nothing to anybody', async () => {
      const body = await registrationBody(api);
      const { json } = await create(body);
      expect(await rowOf(json.id)).toEqual({
        id: json.id,
        username: body.username,
        domain: 'sip.example.org',
        email: null,
        phone: null,
        activated: 0,
        confirmation_key: null,
        ip_address: json.ip_address,
        user_agent: 'Flexisip API',
        creation_time: json.creation_time,
        expire_time: null,
        ...NEW_COLUMNS,
        never_activated: 1,
      });
      expect(await rowsOf('passwords', json.id)).toHaveLength(1);
      for (const table of [
        'activation_expirations',
        'phone_change_codes',
        'aliases',
        'admins',
        'api_keys',
        'email_changed',
      ]) {
        expect(await rowsOf(table, json.id)).toEqual([]);
      }
      expect(await tracesOf(api, body)).toEqual({ accounts: 1, orphans: 0, spentTokens: 1, tokens: 1 });
      const [{ updated_at: spentAt }] = await api.sql('SELECT updated_at FROM tokens WHERE token = ?', [body.token]);
      expect(Math.abs(secondsUntil(api, String(spentAt)))).toBeLessThan(MARGIN);
      expect([api.mails.attempts, api.messages.attempts, api.pushes.attempts]).toEqual([0, 0, 0]);
    });

    it.each(['MD5', 'SHA-256'] as const)(
      'stores an %s password as HA1 in lower-case hex, byte for byte',
      async (algorithm) => {
        // Composed and decomposed characters, a colon, a blank at either end, and a character outside the BMP.
        for (const password of [' p\u00e4ss:w\u00f6rd ', ' pa\u0308ss:wo\u0308rd ', '😀😀😀😀😀😀', 'abc\u0000def']) {
          const body = await registrationBody(api, { algorithm, password });
          const { json } = await create(body);
          const ha1 = ha1Of(algorithm, { username: body.username, realm: 'sip.example.org', password });
          expect(json.passwords).toEqual([{ algorithm }]);
          expect(await rowsOf('passwords', json.id)).toMatchObject([{ algorithm, password: ha1 }]);
        }
      },
    );

    it('makes an account that cannot sign in before an administrator has activated it', async () => {
      const body = await registrationBody(api);
      const { json } = await create(body);
      const account = {
        ...json,
        ...body,
        sip: '',
        from: `sip:${body.username}@sip.example.org`,
        algorithms: ['SHA-256'],
      };
      expect(refusal(await api.withDigest(account).get('/api/accounts/me'))).toBe('403 account_not_activated');
      await api.withKey(await api.given.admin()).post(`/api/accounts/${json.id}/activate`);
      expect((await api.withDigest(account).get('/api/accounts/me')).json.username).toBe(body.username);
    });
  });

  describe('with an email', () => {
    it('mails a code of 13 characters that the database has, to expire in 24 hours', async () => {
      const body = await registrationBody(api, { email: 'John.Doe+sip@example.org' });
      const { status, json, text } = await create(body);
      expect(status).toBe(200);
      expect(json).toMatchObject({
        email: 'John.Doe+sip@example.org',
        phone: null,
        activated: false,
        email_changed: null,
      });

      const row = await rowOf(json.id);
      expect(row).toMatchObject({
        email: 'John.Doe+sip@example.org',
        activated: 0,
        confirmation_key: expect.stringMatching(/^[A-Za-z0-9]{13}$/),
      });
      const { confirmation_key: code } = row;
      expect(api.mails.delivered).toEqual([
        {
          kind: 'activation',
          to: 'John.Doe+sip@example.org',
          account: `sip:${body.username}@sip.example.org`,
          code,
          expires: expect.any(Date),
        },
      ]);
      expect(text).not.toContain(code);
      expect(Math.abs(secondsUntil(api, json.confirmation_key_expires) - DAY)).toBeLessThan(MARGIN);
      expect(await rowsOf('activation_expirations', json.id)).toMatchObject([
        { expires: json.confirmation_key_expires },
      ]);
      expect([api.messages.attempts, api.pushes.attempts]).toEqual([0, 0]);
    });

    it('need not be the only account with it', async () => {
      for (const _ of range(2))
        expect((await create(await registrationBody(api, { email: 'family@example.org' }))).status).toBe(200);
      expect(api.mails.delivered).toHaveLength(2);
      expect(new Set(api.mails.delivered.map((mail) => 'code' in mail && mail.code)).size).toBe(2);
    });
  });

  describe('with a phone', () => {
    it('sends a code of 4 digits, to expire in an hour, and keeps the number for the activation', async () => {
      const phone = uniquePhone(api);
      const body = await registrationBody(api, { phone });
      const { status, json } = await create(body);
      expect(status).toBe(200);
      expect(json).toMatchObject({ email: null, phone: null, activated: false });
      expect(Math.abs(secondsUntil(api, json.confirmation_key_expires) - HOUR)).toBeLessThan(MARGIN);

      expect(api.messages.delivered).toEqual([
        { kind: 'activation', to: phone, code: expect.stringMatching(/^\d{4}$/) },
      ]);
      expect(await rowOf(json.id)).toMatchObject({ phone: null, activated: 0 });
      expect(await api.count('aliases', 'alias = ?', [phone])).toBe(0);
      const [waiting] = await rowsOf('phone_change_codes', json.id);
      for (const date of ['created_at', 'updated_at'])
        expect(Math.abs(secondsUntil(api, String(waiting[date])))).toBeLessThan(MARGIN);
      expect([api.mails.attempts, api.pushes.attempts]).toEqual([0, 0]);
    });

    it('stays free for others until the activation', async () => {
      const phone = uniquePhone(api);
      expect((await create(await registrationBody(api, { phone }))).status).toBe(200);
      expect((await create(await registrationBody(api, { phone }))).status).toBe(200);
      expect((await create(await registrationBody(api, { username: phone }))).status).toBe(200);
    });
  });

  describe('where the account comes from', () => {
    it.each([
      ['an IPv4-mapped address as IPv4', '::ffff:192.0.2.55', '192.0.2.55'],
      ['an IPv6 address', '2001:db8::7', '2001:db8::7'],
      ['the right-most of several addresses', '203.0.113.1, 192.0.2.56', '192.0.2.56'],
    ])('is written as %s', async (_, forwarded, address) => {
      const { json } = await create(await registrationBody(api), { 'x-forwarded-for': forwarded });
      expect(json.ip_address).toBe(address);
      expect(await rowOf(json.id)).toMatchObject({ ip_address: address });
    });

    it('has the user agent cut to the column, and the application where there is none', async () => {
      const long = (await create(await registrationBody(api), { 'user-agent': 'a'.repeat(300) })).json;
      expect(long.user_agent).toBe('a'.repeat(256));
      expect(await rowOf(long.id)).toMatchObject({ user_agent: 'a'.repeat(256) });
      expect((await create(await registrationBody(api))).json.user_agent).toBe('Flexisip API');
      expect((await create(await registrationBody(api), { 'user-agent': '' })).json.user_agent).toBe('Flexisip API');
    });
  });

  describe('the token', () => {
    it('makes no second account', async () => {
      const body = await registrationBody(api);
      expect((await create(body)).status).toBe(200);
      const again = { ...body, username: api.given.unique('second') };
      expect(refusal(await create(again))).toBe('422 token_invalid token');
      expect(await tracesOf(api, again)).toEqual({ ...NOTHING_LEFT, spentTokens: 1 });
    });

    it('can be used until it expires after 24 hours', async () => {
      const [early, late] = [await registrationBody(api), await registrationBody(api)];
      api.clock.advance(DAY - MARGIN);
      expect((await create(early)).status).toBe(200);
      api.clock.advance(MARGIN);
      expect(refusal(await create(late))).toBe('422 token_invalid token');
      expect(await tracesOf(api, late)).toEqual(NOTHING_LEFT);
    });

    it('is another one in another case, with a blank behind or before, or with an accent', async () => {
      const body = await registrationBody(api, { token: await api.given.token({ token: 'ExactToken0xY' }) });
      for (const token of [
        'exacttoken0xy',
        'EXACTTOKEN0XY',
        'ExactToken0xY ',
        ' ExactToken0xY',
        'ExáctToken0xY',
        'ExactToken0xY\u0000',
        '%',
      ]) {
        expect(refusal(await create({ ...body, token }))).toBe('422 token_invalid token');
      }
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      expect((await create(body)).status).toBe(200);
    });

    it('is the very one where two differ in case only', async () => {
      const tokens = ['TwinTokenAbcd', 'twintokenABCD'];
      for (const token of tokens) await api.given.token({ token });
      const used = () => api.sql('SELECT token FROM tokens WHERE used = 1 AND LOWER(token) = ?', ['twintokenabcd']);
      expect((await create(await registrationBody(api, { token: 'twintokenABCD' }))).status).toBe(200);
      expect(await used()).toEqual([{ token: 'twintokenABCD' }]);
      expect((await create(await registrationBody(api, { token: 'TwinTokenAbcd' }))).status).toBe(200);
      expect(await used()).toHaveLength(2);
    });
  });

  it('ignores unknown members, and never writes them', async () => {
    const intruder = {
      id: 1,
      activated: true,
      admin: true,
      confirmation_key: 'x',
      confirmationKey: 'x',
      creation_time: '2000-01-01 00:00:00',
    };
    const body = await registrationBody(api, {
      ...intruder,
      ip_address: '1.1.1.1',
      user_agent: 'evil',
      realm: 'evil',
      role: 'root',
      constructor: 1,
    });
    const { status, json } = await create(body);
    expect(status).toBe(200);
    expect(json).toMatchObject({ activated: false, admin: false, user_agent: 'Flexisip API', realm: null });
    expect(await rowOf(json.id)).toMatchObject({
      activated: 0,
      confirmation_key: null,
      creation_time: json.creation_time,
    });
    expect(json.ip_address).not.toBe('1.1.1.1');
    expect(await rowsOf('admins', json.id)).toEqual([]);
  });

  it('takes null for an absent optional member', async () => {
    const { json } = await create(await registrationBody(api, { domain: null, email: null, phone: null }));
    expect(json).toMatchObject({ domain: 'sip.example.org', email: null, phone: null });
  });

  it('reads neither From, nor credentials, nor the query, and takes a trailing slash', async () => {
    const headers = { from: ['nonsense', 'sip:a@b'], 'x-api-key': '', authorization: 'Digest nonsense' };
    const body = await registrationBody(api);
    const answer = await create(body, headers, `${PATH}/?username=other&email=evil@example.org`);
    expect(answer).toMatchObject({ status: 200, json: { username: body.username, email: null }, challenges: [] });
  });
});
