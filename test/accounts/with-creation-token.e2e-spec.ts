import { Api } from '../support/api.js';
import { newMembersOf } from '../support/new-account.js';
import {
  BEHIND_PROXY,
  postAsStranger,
  postExpectingFault,
  range,
  registrationBody,
  stranger,
} from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';
import { whileRefusing } from '../support/refused-writes.js';

const PATH = '/api/accounts/with-account-creation-token';
const DAY = 86_400;

describe('POST /accounts/with-account-creation-token', () => {
  let api: Api;

  beforeAll(async () => (api = await Api.start({ environment: BEHIND_PROXY })));
  afterAll(() => api.stop());

  const bodyWith = async (members: Record<string, unknown> = {}) => ({
    username: api.given.unique('newcomer'),
    password: 'correct horse',
    account_creation_token: await api.given.token(),
    ...members,
  });
  const create = (body: unknown, headers: Record<string, string> = {}) => postAsStranger(api, PATH, body, headers);
  const named = (username: unknown) => api.count('accounts', 'username = ?', [username]);
  const INVALID = '422 token_invalid account_creation_token';

  describe('a first call', () => {
    it('answers 200 and the account, which is not activated', async () => {
      const body = await bodyWith();
      const { status, json } = await create(body, { 'user-agent': 'LinphoneAndroid/6.0.5' });
      expect(status).toBe(200);
      expect(json).toEqual({
        id: expect.any(Number),
        username: body.username,
        domain: 'sip.example.org',
        email: null,
        activated: false,
        admin: false,
        ip_address: expect.stringMatching(/^10\./),
        user_agent: 'LinphoneAndroid/6.0.5',
        creation_time: expect.any(String),
        realm: null,
        phone: null,
        confirmation_key_expires: null,
        passwords: [{ algorithm: 'SHA-256' }],
        email_changed: null,
        ...newMembersOf(json),
      });
      expect(
        await api.count('tokens', 'token = ? AND used = 1 AND account_id = ?', [body.account_creation_token, json.id]),
      ).toBe(1);
    });

    it('takes algorithm, DTMF protocol and domain', async () => {
      const body = await bodyWith({ algorithm: 'MD5', dtmf_protocol: 'rfc2833', domain: 'sip.example.org' });
      expect((await create(body)).json).toMatchObject({ passwords: [{ algorithm: 'MD5' }], dtmf_protocol: 'rfc2833' });
    });

    it('takes null for an absent optional member', async () => {
      const nothing = {
        algorithm: null,
        dtmf_protocol: null,
        domain: null,
        email: null,
        phone: null,
        activated: null,
        admin: null,
      };
      expect((await create(await bodyWith(nothing))).status).toBe(200);
    });

    it('checks email and phone, and stores neither', async () => {
      const { json } = await create(await bodyWith({ email: 'john@example.org', phone: '+33612345678' }));
      expect(json).toMatchObject({ email: null, phone: null });
      expect(await api.count('accounts', 'id = ? AND email IS NULL AND phone IS NULL', [json.id])).toBe(1);
      expect([api.mails.attempts, api.messages.attempts]).toEqual([0, 0]);
    });

    it.each([
      ['username', { username: 'no' }],
      ['username', { username: 'UPPER.CASE' }],
      ['username', { username: undefined }],
      ['password', { password: '12345' }],
      ['account_creation_token', { account_creation_token: undefined }],
      ['account_creation_token', { account_creation_token: ['list'] }],
      ['algorithm', { algorithm: 'CLRTXT' }],
      ['dtmf_protocol', { dtmf_protocol: 'inband' }],
      ['domain', { domain: 'elsewhere.example.org' }],
      ['email', { email: 'not an address' }],
      ['phone', { phone: '0612345678' }],
      ['activated', { activated: true }],
      ['activated', { activated: false }],
      ['admin', { admin: true }],
      ['admin', { admin: {} }],
    ])('refuses a wrong %s: %j', async (member, members) => {
      const body = await bodyWith(members);
      const token = String(body.account_creation_token);
      expect(refusal(await create(body))).toBe(`422 validation_failed ${member}`);
      expect(await api.count('tokens', 'token = ? AND used = 1', [token])).toBe(0);
    });

    it.each([
      ['unknown', async () => 'ABCDEFGHIJKLM'],
      ['expired', () => api.given.token({ ageInSeconds: DAY })],
      ['used by a server of 2021', () => api.given.token({ used: true })],
      ['other than ASCII', async () => 'tokén00000001'],
    ])('refuses a token that is %s', async (_what, given) => {
      const body = await bodyWith({ account_creation_token: await given() });
      expect(refusal(await create(body))).toBe(INVALID);
      expect(await named(body.username)).toBe(0);
    });

    it('refuses a name that is taken, and leaves the token unused', async () => {
      const { username } = await api.given.account();
      const body = await bodyWith({ username });
      expect(refusal(await create(body))).toBe('422 username_taken username');
      expect((await create({ ...body, username: api.given.unique('newcomer') })).status).toBe(200);
    });

    it('of twenty accounts with one token at once leaves one', async () => {
      const body = await bodyWith();
      const names = range(20).map(() => api.given.unique('newcomer'));
      const answers = await Promise.all(names.map((username) => create({ ...body, username })));
      expect(tally(answers)).toEqual({ 200: 20 });
      const left = await Promise.all(names.map(named));
      expect(left.reduce((sum, count) => sum + count, 0)).toBe(1);
    });

    it.each([
      ['INSERT', 'passwords'],
      ['UPDATE', 'tokens'],
    ] as const)('leaves nothing if the database refuses to %s %s', async (event, table) => {
      const body = await bodyWith();
      const answer = await whileRefusing(api, event, table, () => postExpectingFault(api, PATH, body));
      expect(refusal(answer)).toBe('500 internal_error');
      expect(await named(body.username)).toBe(0);
      expect((await create(body)).status).toBe(200);
    });
  });

  describe('a further call with the token', () => {
    it('answers the same account, if it names it with its password', async () => {
      const body = await bodyWith();
      const first = await create(body);
      const again = await create(body);
      expect(again).toMatchObject({ status: 200, json: first.json });
      expect(await named(body.username)).toBe(1);
    });

    it('makes one account of twenty calls at once', async () => {
      const body = await bodyWith();
      const answers = await Promise.all(range(20).map(() => create(body)));
      expect(tally(answers)).toEqual({ 200: 20 });
      expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
      expect(await named(body.username)).toBe(1);
    });

    it.each([
      ['name', { username: 'another.name.001' }],
      ['password', { password: 'battery staple' }],
    ])('with another %s replaces the account', async (_what, members) => {
      const body = await bodyWith();
      const { json: first } = await create(body);
      const { status, json: second } = await create({ ...body, ...members });
      expect(status).toBe(200);
      expect(second.id).not.toBe(first.id);
      expect(await api.count('accounts', 'id = ?', [first.id])).toBe(0);
      expect(await api.count('passwords', 'account_id = ?', [first.id])).toBe(0);
      expect(await create({ ...body, ...members })).toMatchObject({ status: 200, json: { id: second.id } });
    });

    it('with a name that is taken leaves the account as it is', async () => {
      const { username } = await api.given.account();
      const body = await bodyWith();
      const { json } = await create(body);
      expect(refusal(await create({ ...body, username }))).toBe('422 username_taken username');
      expect(await create(body)).toMatchObject({ status: 200, json: { id: json.id } });
    });

    it('replaces no account that was activated once', async () => {
      const body = await bodyWith();
      const { json } = await create(body);
      const admin = api.withKey(await api.given.admin());
      for (const action of ['activate', 'deactivate']) {
        await admin.post(`/api/accounts/${json.id}/${action}`);
        expect(refusal(await create(body))).toBe(INVALID);
        expect(refusal(await create({ ...body, username: api.given.unique('newcomer') }))).toBe(INVALID);
      }
      expect(await named(body.username)).toBe(1);
    });

    it('replaces no account that with-token has created', async () => {
      const seed = await registrationBody(api);
      expect((await stranger(api).post('/api/accounts/with-token', seed)).status).toBe(200);
      const body = await bodyWith({ account_creation_token: seed.token });
      expect(refusal(await create(body))).toBe(INVALID);
      expect(await named(seed.username)).toBe(1);
    });

    it('creates no account for with-token', async () => {
      const body = await bodyWith();
      await create(body);
      const seed = await registrationBody(api, { token: body.account_creation_token });
      expect(refusal(await stranger(api).post('/api/accounts/with-token', seed))).toBe('422 token_invalid token');
    });

    it('is refused once the account was deleted', async () => {
      const body = await bodyWith();
      const { json } = await create(body);
      await api.withKey(await api.given.admin()).delete(`/api/accounts/${json.id}`);
      expect(refusal(await create(body))).toBe(INVALID);
    });
  });
});

describe('DEFAULT_ALGORITHM', () => {
  let api: Api;
  beforeAll(async () => (api = await Api.start({ environment: { DEFAULT_ALGORITHM: 'MD5' } })));
  afterAll(() => api.stop());

  it('stores a password whose algorithm the app does not name', async () => {
    const body = { username: 'newcomer', password: 'correct horse', account_creation_token: await api.given.token() };
    expect((await api.anonymous().post(PATH, body)).json.passwords).toEqual([{ algorithm: 'MD5' }]);
  });
});
