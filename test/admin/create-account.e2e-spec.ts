import { Api } from '../support/api.js';
import { ha1Of } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { newMembersOf } from '../support/new-account.js';
import { refusal } from '../support/refusal.js';
import { faultOf, whileRefusing } from '../support/refused-writes.js';

const PATH = '/api/accounts';
const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
const CODE = expect.stringMatching(/^[A-Za-z0-9]{13}$/);

describe('POST /accounts by an administrator', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off', APP_SIP_DOMAIN: 'sip.example.org,other.example.org' } });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  /** The least that makes an account, and what the test adds. */
  const body = (more: object = {}) => ({
    username: api.given.unique('created'),
    password: 'secret words',
    algorithm: 'SHA-256',
    ...more,
  });
  const create = (more: object = {}) => api.withKey(admin).post(PATH, body(more));
  const activate = (sip: string, code: string) => api.anonymous().post(`/api/accounts/${sip}/activate/email`, { code });
  const rows = (table: string, id: number) => api.sql(`SELECT * FROM ${table} WHERE account_id = ?`, [id]);

  it('creates an account that is not activated, with a confirmation key, from what is required', async () => {
    const given = body();
    const answer = await api.withKey(admin).post(PATH, given);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      ...newMembersOf(answer.json),
      id: expect.any(Number),
      username: given.username,
      domain: 'sip.example.org',
      email: null,
      activated: false,
      admin: false,
      ip_address: '127.0.0.1',
      user_agent: 'Flexisip API',
      creation_time: DATE,
      realm: null,
      phone: null,
      confirmation_key_expires: null,
      passwords: [{ algorithm: 'SHA-256' }],
      email_changed: null,
      confirmation_key: CODE,
    });
    expect(
      Math.abs(api.clock.now().getTime() - Date.parse(`${answer.json.creation_time.replace(' ', 'T')}Z`)),
    ).toBeLessThan(30_000);
  });

  it('creates one with every member at once, and vouches for email and phone', async () => {
    const username = api.given.unique('every');
    const more = {
      domain: 'sip.elsewhere.example.org',
      email: 'every@example.org',
      phone: '+33610000001',
      activated: true,
      admin: true,
      display_name: 'Jürgen 📱',
      dtmf_protocol: 'sipinfo',
      dictionary: { department: 'sales', __proto__x: 'kept' },
    };
    const { status, json } = await create({ ...more, username, algorithm: 'MD5' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...more,
      username,
      passwords: [{ algorithm: 'MD5' }],
      confirmation_key: null,
      confirmation_key_expires: null,
    });
    expect(await rows('aliases', json.id)).toEqual([
      expect.objectContaining({ alias: '+33610000001', domain: 'sip.elsewhere.example.org' }),
    ]);
    expect(await api.sql('SELECT phone FROM accounts WHERE id = ?', [json.id])).toEqual([{ phone: '+33610000001' }]);
    expect(await rows('admins', json.id)).toHaveLength(1);
    expect((await api.withKey(admin).get(`${PATH}/${json.id}`)).json).toEqual(json);
  });

  it('stores the password with DEFAULT_ALGORITHM where no algorithm is sent', async () => {
    expect((await create({ algorithm: undefined })).json.passwords).toEqual([{ algorithm: 'SHA-256' }]);
  });

  it.each(['MD5', 'SHA-256'] as const)(
    'stores one HA1 of %s, and the account can authenticate with it',
    async (algorithm) => {
      const given = body({ algorithm, password: ' pässword: 😀 ', domain: 'other.example.org', activated: true });
      const { json } = await api.withKey(admin).post(PATH, given);
      const password = ha1Of(algorithm, { ...given, realm: 'other.example.org' });
      expect(await api.sql('SELECT algorithm, password FROM passwords WHERE account_id = ?', [json.id])).toEqual([
        { algorithm, password },
      ]);
      const sip = `${given.username}@other.example.org`;
      const owner = {
        ...given,
        id: json.id,
        domain: 'other.example.org',
        sip,
        from: `sip:${sip}`,
        algorithms: [algorithm],
      };
      expect((await api.withDigest(owner).get('/api/accounts/me')).status).toBe(200);
    },
  );

  it('mails and sends nothing', async () => {
    const before = [api.mails.attempts, api.messages.attempts, api.pushes.attempts];
    for (const activated of [true, false])
      expect(
        (await create({ activated, email: 'quiet@example.org', phone: `+3361000001${Number(activated)}` })).status,
      ).toBe(200);
    expect([api.mails.attempts, api.messages.attempts, api.pushes.attempts]).toEqual(before);
  });

  it('shows the account as admin show does, confirmation key included', async () => {
    const { json } = await create({ email: 'show@example.org', confirmation_key_expires: '2031-01-02 03:04:05' });
    expect((await api.withKey(admin).get(`${PATH}/${json.id}`)).json).toEqual(json);
  });

  it('draws another confirmation key each time', async () => {
    const [first, second] = [await create(), await create()];
    expect(first.json.confirmation_key).not.toBe(second.json.confirmation_key);
  });

  it('works by Digest', async () => {
    expect((await api.withDigest(admin).post(PATH, body())).status).toBe(200);
  });

  describe('tells who created it', () => {
    const userAgentOf = async (headers: Record<string, string>) => {
      const request = {
        method: 'POST',
        path: PATH,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body()),
      };
      return (await api.withKey(admin).send(request)).json;
    };

    it('by the client’s User-Agent, cut to the column', async () => {
      expect(await userAgentOf({ 'user-agent': 'curl/7.88.1' })).toMatchObject({ user_agent: 'curl/7.88.1' });
      expect(await userAgentOf({ 'user-agent': 'x'.repeat(300) })).toMatchObject({ user_agent: 'x'.repeat(256) });
      expect(await userAgentOf({ 'user-agent': '' })).toMatchObject({ user_agent: 'Flexisip API' });
    });

    it('by the peer’s address, not by what an untrusted peer says', async () => {
      expect(await userAgentOf({ 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9' })).toMatchObject({
        ip_address: '127.0.0.1',
      });
    });
  });

  describe.each(['activated', 'admin'])('takes for %s', (member) => {
    it.each([true, 1, '1'])('%p as true', async (value) => {
      expect((await create({ [member]: value })).json[member]).toBe(true);
    });

    it.each([false, 0, '0', null, undefined])('%p as false', async (value) => {
      expect((await create({ [member]: value })).json[member]).toBe(false);
    });

    it.each(['true', 'false', '', ' 1', '01', 'yes', 2, -1, 0.5, [], [1], {}, 'on'])('%j as neither', async (value) => {
      const before = await api.count('accounts');
      expect(refusal(await create({ [member]: value }))).toBe(`422 validation_failed ${member}`);
      expect(await api.count('accounts')).toBe(before);
    });
  });

  describe('keeps confirmation_key_expires', () => {
    it('in the future, until which the key activates the account', async () => {
      const until = api.given.moment(120);
      const [early, late] = [
        await create({ confirmation_key_expires: until }),
        await create({ confirmation_key_expires: until }),
      ];
      expect(early.json).toMatchObject({ confirmation_key_expires: until, activated: false, confirmation_key: CODE });
      api.clock.advance(60);
      const activated = await activate(`${early.json.username}@sip.example.org`, early.json.confirmation_key);
      expect(activated.json).toMatchObject({ id: early.json.id, activated: true, confirmation_key_expires: null });
      api.clock.advance(60);
      const refused = await activate(`${late.json.username}@sip.example.org`, late.json.confirmation_key);
      expect(refusal(refused)).toBe('403 activation_expired');
    });

    it('in the past, so that the right key answers 403 and a wrong one 404', async () => {
      const { json } = await create({ confirmation_key_expires: '2001-02-03 04:05:06' });
      expect(json.confirmation_key_expires).toBe('2001-02-03 04:05:06');
      const sip = `${json.username}@sip.example.org`;
      expect(refusal(await activate(sip, json.confirmation_key))).toBe('403 activation_expired');
      expect(refusal(await activate(sip, 'aaaaaaaaaaaaa'))).toBe('404 activation_code_wrong');
      expect(await api.count('accounts', 'id = ? AND activated = 0', [json.id])).toBe(1);
    });

    it.each(['9999-12-31 23:59:59', '2028-02-29 00:00:00', '1969-12-31 23:59:59', '2026-03-29 02:30:00'])(
      'of %s as it is',
      async (until) => {
        expect((await create({ confirmation_key_expires: until })).json.confirmation_key_expires).toBe(until);
      },
    );

    it('not at all where it is absent or null: the key then does not expire', async () => {
      const { json } = await create({ confirmation_key_expires: null });
      expect(json).toMatchObject({ confirmation_key_expires: null, confirmation_key: CODE });
      expect((await activate(`${json.username}@sip.example.org`, json.confirmation_key)).status).toBe(200);
    });

    it('not for an account that is activated: key and expiry are null', async () => {
      const { json } = await create({ activated: '1', confirmation_key_expires: '2031-01-02 03:04:05' });
      expect(json).toMatchObject({ activated: true, confirmation_key: null, confirmation_key_expires: null });
      expect(await rows('activation_expirations', json.id)).toEqual([]);
    });
  });

  describe('leaves nothing behind', () => {
    it.each(['passwords', 'aliases', 'admins', 'activation_expirations'])(
      'where the insert into %s fails',
      async (table) => {
        const username = api.given.unique('halfway');
        const more = { username, phone: '+33610000099', admin: true, confirmation_key_expires: '2031-01-02 03:04:05' };
        await whileRefusing(api, 'INSERT', table, async () => {
          expect(await faultOf(create(more))).toBe('internal_error');
        });
        expect(await api.count('accounts', 'username = ?', [username])).toBe(0);
        const { json } = await create(more);
        expect(json).toMatchObject({ username, phone: '+33610000099' });
        await api.withKey(admin).delete(`${PATH}/${json.id}`);
      },
    );
  });
});
