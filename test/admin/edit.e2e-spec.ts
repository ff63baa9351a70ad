import { Api } from '../support/api.js';
import { eventsOf, named } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { confirmationPathOf, confirmEmail, requestEmail } from '../support/mail-routes.js';
import { BEHIND_PROXY, uniquePhone } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';
import { faultOf, whileRefusing } from '../support/refused-writes.js';

const REGISTRATION = { uniqueId: '"<urn:uuid:1>"', expiresAt: new Date(), updatedAt: new Date(), userAgent: 'phone' };
const METHODS = ['PUT', 'PATCH'] as const;

describe('PUT and PATCH /accounts/{id}', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());
  afterEach(() => api.registrar.comeBack());

  const pathOf = ({ id }: Pick<GivenAccount, 'id'>) => `/api/accounts/${id}`;
  const send = (method: string, account: Pick<GivenAccount, 'id'>, body: unknown, type = 'application/json') =>
    api
      .withKey(admin)
      .send({ method, path: pathOf(account), headers: { 'content-type': type }, body: JSON.stringify(body) });
  const patch = (account: Pick<GivenAccount, 'id'>, body: unknown, type?: string) => send('PATCH', account, body, type);
  const put = (account: Pick<GivenAccount, 'id'>, body: unknown) => send('PUT', account, body);
  /** Either method, with what PUT requires besides. */
  const edit = (method: string, account: GivenAccount, body: object) =>
    send(method, account, method === 'PUT' ? { username: account.username, ...body } : body);
  const shown = async (account: Pick<GivenAccount, 'id'>) => (await api.withKey(admin).get(pathOf(account))).json;
  const stored = async ({ id }: Pick<GivenAccount, 'id'>) => {
    const rows = await Promise.all(
      ['aliases', 'passwords', 'admins', 'api_keys', 'email_changed', 'phone_change_codes'].map((table) =>
        api.sql(`SELECT * FROM ${table} WHERE account_id = ?`, [id]),
      ),
    );
    return [...(await api.sql('SELECT * FROM accounts WHERE id = ?', [id])), ...rows];
  };

  const PROFILE = {
    display_name: 'Jürgen 📱',
    dtmf_protocol: 'rfc2833',
    email: 'set@example.org',
    dictionary: { department: 'sales' },
  };

  it('PUT resets what is absent or null, and keeps the rest', async () => {
    const account = await api.given.admin({ stored: ['MD5', 'SHA-256'] });
    const phone = uniquePhone(api);
    const full = await put(account, { username: account.username, ...PROFILE, phone });
    expect(full).toMatchObject({ status: 200, json: { ...PROFILE, phone, admin: true, activated: true } });
    expect(await shown(account)).toEqual({ ...full.json, confirmation_key: null });
    for (const body of [{}, { email: null, phone: null, display_name: null, dtmf_protocol: null, dictionary: null }]) {
      await put(account, { username: account.username, ...PROFILE, phone });
      const reset = await put(account, { username: account.username, ...body });
      expect(reset).toMatchObject({
        status: 200,
        json: { email: null, phone: null, display_name: null, dtmf_protocol: null, dictionary: PROFILE.dictionary },
      });
      expect(reset.json).toMatchObject({ admin: true, activated: true, passwords: full.json.passwords });
    }
    expect(await api.count('aliases', 'account_id = ?', [account.id])).toBe(0);
    expect((await put(account, { username: account.username, dictionary: { a: 'b' } })).json.dictionary).toEqual({
      a: 'b',
    });
    expect((await put(account, { username: account.username, dictionary: {} })).json.dictionary).toEqual({});
    expect((await api.withDigest(account, 'MD5').get(ME)).status).toBe(200);
  });

  it.each(['application/json', 'application/merge-patch+json'])('PATCH as %s keeps what is absent', async (type) => {
    const account = await api.given.account();
    const phone = uniquePhone(api);
    const set = { ...PROFILE, phone };
    expect((await patch(account, set, type)).json).toMatchObject(set);
    expect((await patch(account, {}, type)).json).toMatchObject(set);
    for (const member of ['display_name', 'dtmf_protocol', 'email', 'phone']) {
      const answer = await patch(account, { [member]: null }, type);
      expect([member, answer.status, answer.json[member]]).toEqual([member, 200, null]);
    }
    expect(await api.count('aliases', 'account_id = ?', [account.id])).toBe(0);
    expect(await shown(account)).toMatchObject({ email: null, phone: null, dictionary: PROFILE.dictionary });
  });

  it('PATCH merges the dictionary', async () => {
    const account = await api.given.account();
    await patch(account, { dictionary: { a: '1', b: '2', constructor: '3' } });
    const merged = await patch(account, { dictionary: { a: null, b: '4', c: '5', unknown: null } });
    expect(merged.json.dictionary).toEqual({ b: '4', constructor: '3', c: '5' });
    expect((await patch(account, { dictionary: {} })).json.dictionary).toEqual(merged.json.dictionary);
    await patch(account, { dictionary: { long: 'x'.repeat(9_000) } });
    const before = await stored(account);
    expect(refusal(await patch(account, { dictionary: { longer: 'x'.repeat(9_000) } }))).toBe(
      '422 validation_failed dictionary',
    );
    expect(await stored(account)).toEqual(before);
    expect((await patch(account, { dictionary: null })).json.dictionary).toEqual({});
  });

  describe.each(METHODS)('%s', (method) => {
    it.each([
      ['username', [null, '', 'x', 'Upper.Case', 'with blank', 5, [], {}, 'x'.repeat(65)]],
      ['password', ['', '12345', 5, [], {}, 'x'.repeat(257)]],
      ['algorithm', ['', 'CLRTXT', 5, ['MD5'], {}]],
      ['domain', ['', 'Upper.example.org', 'other.example.org', 5, [], {}]],
      ['email', ['', 'plain', 5, [], {}, `${'a'.repeat(53)}@example.org`]],
      ['phone', ['', '0612345678', 33612345678, [], {}]],
      ['display_name', ['', 'a\nb', 5, [], {}, 'x'.repeat(256)]],
      ['dtmf_protocol', ['', 'rfc4733', 5, [], {}]],
      [
        'dictionary',
        ['', [], 5, { a: 1 }, { a: {} }, { a: ['b'] }, { '': 'a' }, { a: '\ud800' }, { a: 'x'.repeat(16_000) }],
      ],
      ['activated', ['', 'yes', 2, [], {}]],
      ['admin', ['', 'yes', 2, [], {}]],
    ])('refuses a wrong %s, and changes nothing', async (member, values) => {
      const account = await api.given.account({ email: 'kept@example.org', phone: uniquePhone(api) });
      const before = await stored(account);
      for (const value of values as unknown[]) {
        const body = { email: 'changed@example.org', display_name: 'changed', [member]: value };
        expect([value, refusal(await edit(method, account, body))]).toEqual([value, `422 validation_failed ${member}`]);
      }
      expect(await stored(account)).toEqual(before);
    });

    it('refuses a body that is no object, or of another type', async () => {
      const account = await api.given.account();
      expect(refusal(await send(method, account, []))).toBe('400 body_not_object');
      expect(refusal(await send(method, account, null))).toBe('400 body_not_object');
      expect(refusal(await send(method, account, {}, 'text/plain'))).toBe('415 body_type_unsupported');
      if (method === 'PUT') expect(refusal(await send(method, account, {}))).toBe('422 validation_failed username');
      if (method === 'PUT')
        expect(refusal(await send(method, account, {}, 'application/merge-patch+json'))).toBe(
          '415 body_type_unsupported',
        );
    });

    it('is for administrators, and for accounts that exist', async () => {
      const account = await api.given.account();
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ username: account.username, admin: true });
      expect(refusal(await api.withKey(account).send({ method, path: pathOf(account), headers, body }))).toBe(
        '403 admin_required',
      );
      expect(refusal(await edit(method, { ...account, id: 4_711_000 }, {}))).toBe('404 account_not_found');
      expect((await shown(account)).admin).toBe(false);
    });

    it('ignores members that nobody may set', async () => {
      const account = await api.given.account({ blocked: true });
      const { confirmation_key: _key, ...before } = await shown(account);
      const stray = {
        id: 1,
        blocked: false,
        creation_time: '2001-01-01 00:00:00',
        ip_address: '1.2.3.4',
        sip_uri: 'x',
      };
      expect((await edit(method, account, stray)).json).toEqual(before);
    });

    it('gives another username, with a password only', async () => {
      const account = await api.given.account({ phone: uniquePhone(api) });
      const username = api.given.unique('renamed');
      const { phone } = await shown(account);
      api.registrar.register(account, REGISTRATION);
      const before = await stored(account);
      expect(refusal(await send(method, account, { username, phone }))).toBe('422 validation_failed password');
      expect(await stored(account)).toEqual(before);
      const renamed = {
        ...account,
        username,
        sip: `${username}@sip.example.org`,
        from: `sip:${username}@sip.example.org`,
      };
      const events = await eventsOf(api, async () => {
        const answer = await send(method, account, { username, password: 'other words', phone });
        expect(answer).toMatchObject({ status: 200, json: { username, sip_uri: renamed.from, phone } });
      });
      expect(events).toMatchObject([
        { event: 'account.renamed', about: named(renamed), former: account.sip, by: named(admin) },
        { event: 'password.changed', about: named(renamed) },
      ]);
      expect(await api.registrar.list(account)).toEqual([]);
      expect((await api.withDigest({ ...renamed, password: 'other words' }).get(ME)).status).toBe(200);
      expect(refusal(await api.withKey(account).get(ME))).toBe('404 account_not_found');
    });

    it('refuses a username that is taken, or the phone number of another account', async () => {
      const [account, other] = [await api.given.account(), await api.given.account({ phone: '+33670000001' })];
      if (method === 'PATCH') await patch(other, { phone: '+33670000002' });
      const { phone } = await shown(other);
      const before = await stored(account);
      for (const username of [other.username, phone]) {
        const answer = await send(method, account, { username, password: 'other words', display_name: 'changed' });
        expect(refusal(answer)).toBe('422 username_taken username');
      }
      expect(refusal(await edit(method, account, { phone, display_name: 'changed' }))).toBe('422 phone_taken phone');
      expect(await stored(account)).toEqual(before);
      await api.sql('DELETE FROM aliases WHERE account_id = ?', [other.id]);
      await api.sql('UPDATE accounts SET phone = NULL WHERE id = ?', [other.id]);
    });

    it('sets a password for the algorithms that the account has, or for one', async () => {
      const account = await api.given.account({ stored: ['MD5', 'SHA-256'] });
      await edit(method, account, { password: 'new words' });
      for (const algorithm of ['MD5', 'SHA-256'] as const)
        expect((await api.withDigest(account, algorithm, 'new words').get(ME)).status).toBe(200);
      expect((await edit(method, account, { password: 'last words', algorithm: 'MD5' })).json.passwords).toEqual([
        { algorithm: 'MD5' },
      ]);
      expect((await edit(method, account, { algorithm: 'SHA-256' })).json.passwords).toEqual([{ algorithm: 'MD5' }]);
      const clear = await api.given.account({ stored: ['CLRTXT'] });
      expect((await edit(method, clear, { password: 'new words' })).json.passwords).toHaveLength(2);
      const none = await api.given.account({ stored: [] });
      expect((await edit(method, none, { password: 'new words' })).json.passwords).toEqual([{ algorithm: 'SHA-256' }]);
    });

    it('ends changes that wait for confirmation, once it sets another address or number', async () => {
      const account = await api.given.account({ email: 'old@example.org' });
      await requestEmail(api, account, 'pending@example.org');
      await api.withKey(account).post(`${ME}/phone/request`, { phone: uniquePhone(api) });
      await edit(method, account, { email: 'old@example.org' });
      expect(await shown(account)).toMatchObject({ email_changed: { new_email: 'pending@example.org' } });
      const link = confirmationPathOf(api.mails.last);
      const sent = [api.mails.attempts, api.messages.attempts];
      const phone = uniquePhone(api);
      const events = await eventsOf(api, () => edit(method, account, { email: 'set@example.org', phone }));
      expect(events.map(({ event }) => event)).toEqual(['email.changed', 'phone.changed']);
      expect([api.mails.attempts, api.messages.attempts]).toEqual(sent);
      expect(await shown(account)).toMatchObject({ email_changed: null, phone_change_code: null, phone });
      expect((await confirmEmail(api, link)).status).toBe(404);
      const { code } = api.messages.last;
      expect(refusal(await api.withKey(account).post(`${ME}/phone`, { code }))).toBe('404 phone_code_not_requested');
      expect(await api.sql('SELECT alias FROM aliases WHERE account_id = ?', [account.id])).toEqual([{ alias: phone }]);
    });

    it('activates and deactivates like the routes for that', async () => {
      const account = await api.given.inactiveAccount();
      await edit(method, account, { activated: false });
      expect((await shown(account)).confirmation_key).toBe('aZ3kP9sQ1xW7b');
      const on = await eventsOf(api, () => edit(method, account, { activated: true }));
      expect(on).toMatchObject([{ event: 'account.activated', about: named(account) }]);
      expect(await shown(account)).toMatchObject({ activated: true, confirmation_key: null });
      api.registrar.register(account, REGISTRATION);
      const off = await eventsOf(api, () => edit(method, account, { activated: '0' }));
      expect(off).toMatchObject([{ event: 'account.deactivated' }]);
      expect(await api.registrar.list(account)).toEqual([]);
      await api.withKey(admin).post(`${pathOf(account)}/block`);
      expect((await edit(method, account, { activated: true })).json).toMatchObject({ activated: true, blocked: true });
      expect(await api.sql('SELECT activated, blocked FROM accounts WHERE id = ?', [account.id])).toEqual([
        { activated: 0, blocked: 1 },
      ]);
    });

    it('grants and revokes the rights of administrators, except of the last one', async () => {
      const account = await api.given.account();
      const granted = await eventsOf(api, () => edit(method, account, { admin: true }));
      expect(granted).toMatchObject([{ event: 'administrator.granted', about: named(account) }]);
      expect((await api.withKey(account).get('/api/accounts')).status).toBe(200);
      expect(await eventsOf(api, () => edit(method, account, { admin: true }))).toEqual([]);
      const revoked = await eventsOf(api, () => edit(method, account, { admin: false }));
      expect(revoked.map(({ event }) => event)).toContain('administrator.revoked');
      expect(await api.count('admins', 'account_id = ?', [account.id])).toBe(0);
      const others = `account_id <> ${admin.id} AND account_id IN (SELECT id FROM accounts WHERE activated = 1)`;
      await api.sql(`DELETE FROM admins WHERE ${others}`);
      const before = await stored(admin);
      expect(refusal(await edit(method, admin, { admin: false, display_name: 'changed' }))).toBe(
        '403 last_administrator',
      );
      expect(await stored(admin)).toEqual(before);
    });

    it('reports nothing where nothing changes', async () => {
      const account = await api.given.account({ email: 'same@example.org', phone: uniquePhone(api) });
      const { email, phone, domain } = await shown(account);
      const body = { email, phone, domain, activated: true, admin: false };
      const before = await stored(account);
      expect(await eventsOf(api, () => edit(method, account, body))).toEqual([]);
      expect(await stored(account)).toEqual(before);
    });

    it.each([
      ['UPDATE', 'accounts'],
      ['INSERT', 'aliases'],
      ['INSERT', 'passwords'],
      ['INSERT', 'admins'],
    ] as const)('leaves nothing half-done when %s %s is refused', async (event, table) => {
      const account = await api.given.account({ email: 'kept@example.org', phone: uniquePhone(api) });
      const before = await stored(account);
      const body = { ...PROFILE, phone: uniquePhone(api), password: 'other words', admin: true };
      const fault = await whileRefusing(api, event, table, () => faultOf(edit(method, account, body)));
      expect(fault).toBe('internal_error');
      expect(await stored(account)).toEqual(before);
      expect((await edit(method, account, body)).status).toBe(200);
    });
  });
});
