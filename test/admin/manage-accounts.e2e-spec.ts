import { tablesWith } from '../support/account-rows.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { changedSince, newMembersOf } from '../support/new-account.js';
import { refusal, tally } from '../support/refusal.js';

const PATH = '/api/accounts';
const REGISTRATION = { uniqueId: '"<urn:uuid:1>"', expiresAt: new Date(), updatedAt: new Date(), userAgent: 'phone' };
const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);

describe('/accounts/{id} for administrators', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());
  afterEach(() => api.registrar.comeBack());

  const send = (method: string, path: string) => api.withKey(admin).send({ method, path });
  const state = async (id: number) =>
    (await api.sql('SELECT activated, confirmation_key FROM accounts WHERE id = ?', [id]))[0];
  const warningsAbout = (sip: string) =>
    api.log.map((line) => JSON.parse(line)).filter(({ level, msg }) => level === 40 && String(msg).includes(sip));

  describe('GET', () => {
    it('shows an account exactly, with its confirmation key', async () => {
      const account = await api.given.inactiveAccount({
        email: 'shown@example.org',
        phone: '+33640000001',
        stored: ['SHA-256', 'MD5'],
        confirmationKey: 'Xy3kP9sQ1xW7b',
        confirmationExpiresIn: 3600,
      });
      const answer = await send('GET', `${PATH}/${account.id}`);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({
        ...newMembersOf(answer.json),
        id: account.id,
        username: account.username,
        domain: 'sip.example.org',
        email: 'shown@example.org',
        activated: false,
        admin: false,
        ip_address: '192.0.2.1',
        user_agent: 'a test',
        creation_time: DATE,
        realm: null,
        phone: '+33640000001',
        confirmation_key_expires: DATE,
        passwords: [{ algorithm: 'MD5' }, { algorithm: 'SHA-256' }],
        email_changed: null,
        confirmation_key: 'Xy3kP9sQ1xW7b',
      });
    });

    it('shows null where there is no confirmation key', async () => {
      const { id } = await api.given.account();
      expect((await send('GET', `${PATH}/${id}`)).json).toMatchObject({ id, activated: true, confirmation_key: null });
    });

    it('works by Digest, with a trailing slash, and as HEAD', async () => {
      const { id } = await api.given.account();
      expect((await api.withDigest(admin).get(`${PATH}/${id}`)).json.id).toBe(id);
      expect((await send('GET', `${PATH}/${id}/`)).json.id).toBe(id);
      expect(await send('HEAD', `${PATH}/${id}`)).toMatchObject({ status: 200, text: '' });
    });
  });

  describe('DELETE', () => {
    it('removes the account with all related information, and its registrations', async () => {
      const account = await api.given.inactiveAccount({
        admin: true,
        phone: '+33640000002',
        stored: ['MD5'],
        confirmationExpiresIn: 3600,
      });
      const values = [account.id];
      await api.sql(
        "INSERT INTO email_changed (account_id, new_email, hash) VALUES (?, 'new@example.org', 'hash')",
        values,
      );
      await api.sql(
        "INSERT INTO phone_change_codes (account_id, code, phone) VALUES (?, '1234', '+33640000003')",
        values,
      );
      await api.sql("INSERT INTO nonces (account_id, nonce) VALUES (?, 'a nonce')", values);
      const other = await api.given.account();
      for (const one of [account, other]) api.registrar.register(one, REGISTRATION);
      expect((await tablesWith(api, account.id)).length).toBeGreaterThanOrEqual(9);

      expect(await send('DELETE', `${PATH}/${account.id}`)).toMatchObject({ status: 200, text: '{}' });
      expect(await tablesWith(api, account.id)).toEqual([]);
      expect(await api.registrar.list(account)).toEqual([]);
      expect(await api.registrar.list(other)).toEqual([REGISTRATION]);
      expect(refusal(await send('DELETE', `${PATH}/${account.id}`))).toBe('404 account_not_found');
      expect(refusal(await send('GET', `${PATH}/${account.id}`))).toBe('404 account_not_found');
    });

    it('succeeds once of many times at once', async () => {
      const { id } = await api.given.account();
      const answers = await Promise.all(Array.from({ length: 10 }, () => send('DELETE', `${PATH}/${id}`)));
      expect(tally(answers)).toEqual({ 200: 1, '404 account_not_found': 9 });
    });

    it('succeeds while the registrar is down, and logs a warning', async () => {
      const account = await api.given.account();
      api.registrar.goDown();
      expect((await send('DELETE', `${PATH}/${account.id}`)).status).toBe(200);
      expect(await tablesWith(api, account.id)).toEqual([]);
      expect(warningsAbout(account.sip)).toHaveLength(1);
    });
  });

  describe.each(['GET', 'POST'])('%s /activate', (method) => {
    const activate = (id: number) => send(method, `${PATH}/${id}/activate`);

    it('activates the account and ends its confirmation key, which is not shown', async () => {
      const account = await api.given.inactiveAccount({ confirmationExpiresIn: 3600 });
      const answer = await activate(account.id);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({
        ...(await api.withKey(account).get('/api/accounts/me')).json,
        activated: true,
        confirmation_key_expires: null,
      });
      expect(answer.json).not.toHaveProperty('confirmation_key');
      expect(await state(account.id)).toEqual({ activated: 1, confirmation_key: null });
      expect(await api.count('activation_expirations', 'account_id = ?', [account.id])).toBe(0);
      const used = await api.anonymous().post(`${PATH}/${account.sip}/activate/email`, { code: 'aZ3kP9sQ1xW7b' });
      expect(refusal(used)).toBe('404 activation_code_wrong');
    });

    it('activates where the confirmation key has expired long ago', async () => {
      const account = await api.given.inactiveAccount({ confirmationExpiresIn: -3600 });
      expect((await activate(account.id)).json).toMatchObject({ activated: true, confirmation_key_expires: null });
    });

    it('answers the same for an account that is activated, and leaves its registrations', async () => {
      const account = await api.given.account();
      api.registrar.register(account, REGISTRATION);
      expect((await activate(account.id)).json).toMatchObject({ id: account.id, activated: true });
      expect(await api.registrar.list(account)).toEqual([REGISTRATION]);
    });

    it('does not need the registrar', async () => {
      const { id } = await api.given.inactiveAccount();
      api.registrar.goDown();
      expect((await activate(id)).status).toBe(200);
    });
  });

  describe.each(['GET', 'POST'])('%s /deactivate', (method) => {
    const deactivate = (id: number) => send(method, `${PATH}/${id}/deactivate`);

    it('deactivates the account, which then can do nothing, and removes its registrations', async () => {
      const [account, other] = [await api.given.account(), await api.given.account()];
      for (const one of [account, other])
        api.registrar.register(one, REGISTRATION, { ...REGISTRATION, uniqueId: 'urn:uuid:2' });
      const before = (await api.withKey(account).get('/api/accounts/me')).json;
      const answer = await deactivate(account.id);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual(changedSince({ ...before, activated: false }));
      expect(await state(account.id)).toMatchObject({ activated: 0 });
      expect(await api.registrar.list(account)).toEqual([]);
      expect(await api.registrar.list(other)).toHaveLength(2);
      expect(refusal(await api.withKey(account).get('/api/accounts/me'))).toBe('403 account_not_activated');
      expect((await send('POST', `${PATH}/${account.id}/activate`)).json).toEqual(changedSince(before));
    });

    it('shows no confirmation key', async () => {
      const { id } = await api.given.inactiveAccount();
      const answer = await deactivate(id);
      expect(answer.json).toMatchObject({ id, activated: false });
      expect(answer.json).not.toHaveProperty('confirmation_key');
      expect(answer.text).not.toContain('aZ3kP9sQ1xW7b');
    });

    it('succeeds while the registrar is down, and logs a warning', async () => {
      const account = await api.given.account();
      api.registrar.goDown();
      expect((await deactivate(account.id)).json.activated).toBe(false);
      expect(warningsAbout(account.sip)).toHaveLength(1);
      expect(await state(account.id)).toMatchObject({ activated: 0 });
    });
  });

  describe.each(['activate', 'deactivate'])('/%s', (action) => {
    it.each(['HEAD', 'PUT', 'PATCH', 'DELETE'])('answers %s with 405 and changes nothing', async (method) => {
      const [active, inactive] = [await api.given.account(), await api.given.inactiveAccount()];
      for (const { id } of [active, inactive]) {
        const answer = await send(method, `${PATH}/${id}/${action}`);
        expect(answer.status).toBe(405);
        expect(answer.headers.allow?.split(', ').toSorted()).toEqual(['GET', 'POST']);
      }
      expect(await state(active.id)).toEqual({ activated: 1, confirmation_key: null });
      expect(await state(inactive.id)).toEqual({ activated: 0, confirmation_key: 'aZ3kP9sQ1xW7b' });
    });

    it('takes POST with an empty object, and with a content type and no body', async () => {
      const { id } = await api.given.account();
      expect((await api.withKey(admin).post(`${PATH}/${id}/${action}`, {})).status).toBe(200);
      const headers = { 'content-type': 'application/json', 'content-length': '0' };
      expect((await api.withKey(admin).send({ method: 'POST', path: `${PATH}/${id}/${action}`, headers })).status).toBe(
        200,
      );
    });
  });

  describe.each([
    ['POST', '/activate'],
    ['POST', '/deactivate'],
    ['DELETE', ''],
  ])('%s /accounts/{id}%s reads no body', (method, action) => {
    const sendBody = (id: number, type: string, text: string) => {
      const headers = { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) };
      return api.withKey(admin).send({ method, path: `${PATH}/${id}${action}`, headers, body: text });
    };

    it.each([
      ['that is not JSON', 'application/json', '{', '400 body_not_json'],
      ['that is no object', 'application/json', '[]', '400 body_not_object'],
      ['of another type', 'text/plain', 'x', '415 body_type_unsupported'],
      ['that is too large', 'application/json', `"${'x'.repeat(65_536)}"`, '413 body_too_large'],
    ])('and refuses one %s all the same', async (_name, type, text, refused) => {
      const { id } = await api.given.account();
      expect(refusal(await sendBody(id, type, text))).toBe(refused);
      expect(await state(id)).toEqual({ activated: 1, confirmation_key: null });
    });
  });

  it.each(['POST'])('answers %s with 405', async (method) => {
    const answer = await send(method, `${PATH}/${admin.id}`);
    expect(refusal(answer)).toBe('405 method_not_allowed');
    expect(answer.headers.allow?.split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']);
  });
});
