import { Api } from '../support/api.js';
import { newMembersOf } from '../support/new-account.js';
import { rowsOf, tablesWith } from '../support/account-rows.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal } from '../support/refusal.js';
import { Visitor } from '../support/visitor.js';

const UNTIL = 86_400;

describe('/accounts/me', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
  });
  afterEach(() => api.registrar.comeBack());
  afterAll(() => api.stop());

  /** Seconds between a date in an answer and now. */
  const age = (date: string) => Math.abs(api.clock.now().getTime() - Date.parse(`${date.replace(' ', 'T')}Z`)) / 1000;

  /** An account with a row in every table that can have one. */
  async function accountWithEverything(): Promise<GivenAccount> {
    const account = await api.given.admin({
      stored: ['MD5', 'SHA-256'],
      email: 'old@example.org',
      phone: `+3361${api.given.unique('').padStart(7, '0')}`,
      confirmationKey: 'aZ3kP9sQ1xW7b',
      confirmationExpiresIn: UNTIL,
    });
    const client = api.withDigest(account);
    await client.post('/api/accounts/me/email/request', { email: 'new@example.org' });
    await client.post('/api/accounts/me/phone/request', { phone: `+3362${api.given.unique('').padStart(7, '0')}` });
    await new Visitor(api).signIn(account);
    await api.sql('UPDATE tokens SET used = 1, account_id = ? WHERE token = ?', [account.id, await api.given.token()]);
    await api.sql(
      "INSERT INTO flexisip_api_tokens (kind, hash, account_id, created, expires) VALUES ('auth', ?, ?, ?, ?)",
      [api.given.unique('hash'), account.id, api.given.moment(), api.given.moment(60)],
    );
    return account;
  }

  describe('GET', () => {
    it('shows exactly the members of the account object, all set', async () => {
      const account = await api.given.admin({
        username: 'alice.full',
        email: 'alice@example.org',
        phone: '+33611111111',
        stored: ['SHA-256', 'MD5'],
        confirmationKey: 'aZ3kP9sQ1xW7b',
        confirmationExpiresIn: UNTIL,
      });
      await api.withKey(account).post('/api/accounts/me/email/request', { email: 'alice.new@example.org' });

      const { json, status } = await api.withKey(account).get('/api/accounts/me');
      expect(status).toBe(200);
      expect(json).toEqual({
        id: account.id,
        username: 'alice.full',
        domain: 'sip.example.org',
        email: 'alice@example.org',
        activated: true,
        admin: true,
        ip_address: '192.0.2.1',
        user_agent: 'a test',
        creation_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        realm: null,
        phone: '+33611111111',
        confirmation_key_expires: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        passwords: [{ algorithm: 'MD5' }, { algorithm: 'SHA-256' }],
        email_changed: {
          new_email: 'alice.new@example.org',
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        },
        ...newMembersOf(json),
        email_change_code: {
          email: 'alice.new@example.org',
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
      });
      expect(age(json.creation_time)).toBeLessThan(30);
      expect(age(json.email_changed.created_at)).toBeLessThan(30);
      expect(Math.abs(age(json.confirmation_key_expires) - UNTIL)).toBeLessThan(30);
    });

    it('shows null and false for what an account does not have', async () => {
      const account = await api.given.account({ stored: [] });
      const { json } = await api.withKey(account).get('/api/accounts/me');
      expect(json).toEqual({
        id: account.id,
        username: account.username,
        domain: 'sip.example.org',
        email: null,
        activated: true,
        admin: false,
        ip_address: '192.0.2.1',
        user_agent: 'a test',
        creation_time: expect.any(String),
        realm: null,
        phone: null,
        confirmation_key_expires: null,
        passwords: [],
        email_changed: null,
        ...newMembersOf(json),
      });
    });

    it('never shows a hash, a clear-text password, an API key or a confirmation key', async () => {
      const account = await api.given.account({
        stored: ['CLRTXT'],
        password: 'quite a secret',
        confirmationKey: 'aZ3kP9sQ1xW7b',
      });
      const { text, json } = await api.withKey(account).get('/api/accounts/me');
      expect(json.passwords).toEqual([{ algorithm: 'CLRTXT' }]);
      expect(json).not.toHaveProperty('confirmation_key');
      for (const secret of ['quite a secret', 'aZ3kP9sQ1xW7b', account.apiKey]) expect(text).not.toContain(secret);
    });

    it('answers by Digest, and with a trailing slash', async () => {
      const account = await api.given.account({ stored: ['MD5'] });
      expect((await api.withDigest(account).get('/api/accounts/me')).json.id).toBe(account.id);
      expect((await api.withKey(account).get('/api/accounts/me/')).json.id).toBe(account.id);
    });

    it('answers HEAD without a body', async () => {
      const account = await api.given.account();
      const answer = await api.withKey(account).send({ method: 'HEAD', path: '/api/accounts/me' });
      expect(answer).toMatchObject({ status: 200, text: '' });
      expect(answer.headers['content-type']).toBe('application/json');
    });
  });

  describe('DELETE', () => {
    it('removes every row of the account from every table, and none of another', async () => {
      const [account, other] = [await accountWithEverything(), await accountWithEverything()];
      const everywhere = Object.keys(await rowsOf(api, account.id)).toSorted();
      expect(everywhere.length).toBeGreaterThanOrEqual(10);
      expect(await tablesWith(api, account.id)).toEqual(everywhere);
      const before = await rowsOf(api, other.id);

      const answer = await api.withDigest(account).delete('/api/accounts/me');
      expect(answer).toMatchObject({ status: 200, text: '{}' });
      expect(await tablesWith(api, account.id)).toEqual([]);
      expect(await rowsOf(api, other.id)).toEqual(before);
      // A used token stays used.
      expect(await api.count('tokens', 'used = 1 AND account_id IS NULL')).toBe(1);
    });

    it('leaves nobody who could call any more', async () => {
      const account = await api.given.account();
      await api.withKey(account).delete('/api/accounts/me');
      expect(refusal(await api.withKey(account).get('/api/accounts/me'))).toBe('404 account_not_found');
      expect(refusal(await api.withKey(account).delete('/api/accounts/me'))).toBe('404 account_not_found');
    });

    it('ends the registrations of the account at the SIP proxy, and of no other', async () => {
      const [account, other] = [await api.given.account(), await api.given.account()];
      const registration = {
        uniqueId: '"<urn:uuid:1>"',
        expiresAt: new Date(),
        updatedAt: new Date(),
        userAgent: 'phone',
      };
      for (const one of [account, other]) api.registrar.register(one, registration);
      expect((await api.withKey(account).delete('/api/accounts/me')).status).toBe(200);
      expect(await api.registrar.list(account)).toEqual([]);
      expect(await api.registrar.list(other)).toEqual([registration]);
    });

    it('succeeds while the SIP proxy is down, and logs a warning', async () => {
      const account = await api.given.account();
      api.registrar.goDown();
      expect((await api.withKey(account).delete('/api/accounts/me')).status).toBe(200);
      expect(await tablesWith(api, account.id)).toEqual([]);
      expect(
        api.log.map((line) => JSON.parse(line)).filter(({ level, msg }) => level === 40 && msg.includes(account.sip)),
      ).toHaveLength(1);
    });

    it('frees the username and the phone number', async () => {
      const admin = await api.given.admin();
      const account = await api.given.account({ phone: '+33622222222' });
      await api.withKey(account).delete('/api/accounts/me');
      const body = { username: account.username, password: 'secret words', algorithm: 'MD5', phone: '+33622222222' };
      expect((await api.withKey(admin).post('/api/accounts', body)).status).toBe(200);
    });

    it('answers each of many calls at once with 200 or 404, and 200 at least once', async () => {
      const account = await api.given.account();
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => api.withKey(account).delete('/api/accounts/me')),
      );
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
      for (const answer of answers.filter(({ status }) => status !== 200))
        expect(refusal(answer)).toBe('404 account_not_found');
    });
  });

  describe.each(['GET', 'DELETE'])('%s refuses', (method) => {
    const path = '/api/accounts/me';

    it('a caller without credentials', async () => {
      const { from, id } = await api.given.account();
      const answer = await api.anonymous().send({ method, path, headers: { from } });
      expect(refusal(answer)).toBe('401 authentication_required');
      expect(answer.challenges).toHaveLength(1);
      expect(await api.count('accounts', 'id = ?', [id])).toBe(1);
    });

    it('a wrong key', async () => {
      const account = await api.given.account();
      expect(refusal(await api.withKey({ ...account, apiKey: 'wrong' }).send({ method, path }))).toBe(
        '401 credentials_invalid',
      );
      expect(await api.count('accounts', 'id = ?', [account.id])).toBe(1);
    });

    it('a caller without From', async () => {
      expect(refusal(await api.anonymous().send({ method, path }))).toBe('422 validation_failed from');
    });

    it('a caller that does not exist', async () => {
      const from = 'sip:nobody@sip.example.org';
      expect(refusal(await api.anonymous().send({ method, path, headers: { from, 'x-api-key': 'k' } }))).toBe(
        '404 account_not_found',
      );
    });

    it('an account that is not activated', async () => {
      const account = await api.given.inactiveAccount();
      expect(refusal(await api.withKey(account).send({ method, path }))).toBe('403 account_not_activated');
      expect(await api.count('accounts', 'id = ?', [account.id])).toBe(1);
    });
  });

  it('allows GET, HEAD and DELETE only', async () => {
    const account = await api.given.account();
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const answer = await api.withKey(account).send({ method, path: '/api/accounts/me' });
      expect(refusal(answer)).toBe('405 method_not_allowed');
      expect(answer.headers.allow?.split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD']);
    }
  });
});
