import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { BEHIND_PROXY, newDevice, range, registrationBody, secondsUntil, stranger } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const ROUTE = '/api/account_creation_tokens';
const SIGN_UP = '/api/accounts/with-account-creation-token';
const DAY = 86_400;
/** Seconds a test may take between moving the clock and the answer. */
const MARGIN = 5;

describe('Account creation tokens', () => {
  let api: Api;

  beforeAll(async () => (api = await Api.start({ environment: BEHIND_PROXY })));
  beforeEach(() => api.pushes.recover());
  afterAll(() => api.stop());

  const device = (members: Record<string, unknown> = {}) => newDevice(api, members);
  const push = (body: unknown) => stranger(api).post(`${ROUTE}/send-by-push`, body);
  const pushed = async (body: unknown) => {
    expect(await push(body)).toMatchObject({ status: 200, text: '{}' });
    return api.pushes.last.token;
  };
  const signUp = (token: string, members: Record<string, unknown> = {}) =>
    stranger(api).post(SIGN_UP, {
      username: api.given.unique('newcomer'),
      password: 'correct horse',
      account_creation_token: token,
      ...members,
    });
  const activate = (id: number) => api.sql('UPDATE accounts SET activated = 1, never_activated = 0 WHERE id = ?', [id]);
  const tokensOf = ({ pn_prid }: { pn_prid: unknown }) => api.count('tokens', 'pn_prid = ?', [pn_prid]);

  describe('POST send-by-push', () => {
    it('pushes a token of 13 characters to the device, which either creation route accepts', async () => {
      const body = device({ pn_provider: 'apns', pn_param: 'ABCD1234.org.linphone.phone.remote&voip', pn_prid: 'a&b' });
      const token = await pushed(body);
      expect(token).toMatch(/^[A-Za-z0-9]{13}$/);
      expect(api.pushes.last).toMatchObject({ pnProvider: 'apns', pnParam: body.pn_param, pnPrid: 'a&b' });
      expect((await signUp(token)).status).toBe(200);

      const other = await pushed(device());
      const seed = await registrationBody(api, { token: other });
      expect((await stranger(api).post('/api/accounts/with-token', seed)).status).toBe(200);
    });

    it('sends an unused token again', async () => {
      const body = device();
      const token = await pushed(body);
      api.clock.advance(DAY - MARGIN);
      expect(await pushed(body)).toBe(token);
      expect(await tokensOf(body)).toBe(1);
    });

    it('sends another token once the first has expired', async () => {
      const body = device();
      const token = await pushed(body);
      api.clock.advance(DAY);
      expect(await pushed(body)).not.toBe(token);
    });

    it('sends a token again whose account is not activated yet', async () => {
      const body = device();
      const token = await pushed(body);
      expect((await signUp(token)).status).toBe(200);
      expect(await pushed(body)).toBe(token);
    });

    it('sends a token again that POST /tokens has drawn', async () => {
      const body = device();
      expect((await stranger(api).post('/api/tokens', body)).status).toBe(200);
      const { token } = api.pushes.last;
      expect(await pushed(body)).toBe(token);
      expect(await tokensOf(body)).toBe(1);
    });

    it('does not change what POST /tokens counts', async () => {
      const body = device();
      await pushed(body);
      for (const _ of range(4)) {
        expect((await stranger(api).post('/api/tokens', body)).status).toBe(200);
        api.clock.advance(DAY);
      }
      expect(refusal(await stranger(api).post('/api/tokens', body))).toBe('403 token_limit_reached');
      await pushed(body);
    });

    it('refuses a device with 429 whose account of the last hour is activated', async () => {
      const body = device();
      const { json: account } = await signUp(await pushed(body));
      await activate(account.id);
      const refused = await push(body);
      expect(refusal(refused)).toBe('429 too_many_attempts');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3_600 - MARGIN);
      expect((await push(device())).status).toBe(200);
      api.clock.advance(3_600);
      expect((await push(body)).status).toBe(200);
    });

    it('counts an account of the route of 2021 too', async () => {
      const body = device();
      const seed = await registrationBody(api, { token: await pushed(body) });
      const { json: account } = await stranger(api).post('/api/accounts/with-token', seed);
      await activate(account.id);
      expect(refusal(await push(body))).toBe('429 too_many_attempts');
    });

    it('gives one token to twenty calls at once', async () => {
      const body = device();
      const before = api.pushes.delivered.length;
      const answers = await Promise.all(range(20).map(() => push(body)));
      // A call that waits too long for the others is told that nothing was sent.
      expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
      expect(new Set(api.pushes.delivered.slice(before).map(({ token }) => token)).size).toBe(1);
      expect(await tokensOf(body)).toBe(1);
    });

    it('answers 503 if the push is not delivered, and leaves nothing', async () => {
      const body = device();
      api.pushes.fail();
      expect(refusal(await push(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(body)).toBe(0);
      api.pushes.recover();
      expect((await push(body)).status).toBe(200);
    });

    it.each([
      ['no body', undefined, 'pn_param,pn_prid,pn_provider'],
      ['null parameters', { pn_provider: 'fcm', pn_param: null, pn_prid: null }, 'pn_param,pn_prid'],
      ['another provider', { pn_provider: 'gcm', pn_param: 'a', pn_prid: 'b' }, 'pn_provider'],
      ['a parameter with a blank', { pn_provider: 'fcm', pn_param: 'a b', pn_prid: 'b' }, 'pn_param'],
      ['a list', { pn_provider: 'fcm', pn_param: ['a'], pn_prid: 'b' }, 'pn_param'],
      ['256 characters', { pn_provider: 'fcm', pn_param: 'a', pn_prid: 'b'.repeat(256) }, 'pn_prid'],
    ])('refuses %s', async (_what, body, members) => {
      const before = api.pushes.attempts;
      expect(refusal(await push(body))).toBe(`422 validation_failed ${members}`);
      expect(api.pushes.attempts).toBe(before);
    });
  });

  describe('POST by an administrator', () => {
    it('answers 201 with an invitation for seven days, of which the database has the hash only', async () => {
      const { status, json } = await api.withKey(await api.given.admin()).post(ROUTE);
      expect(status).toBe(201);
      expect(json).toEqual({
        token: expect.stringMatching(/^[A-Za-z0-9]{13}$/),
        expire_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      });
      expect(Math.abs(secondsUntil(api, json.expire_at.slice(0, -1)) - 7 * DAY)).toBeLessThan(MARGIN);
      expect(await api.count('tokens', 'token = ?', [json.token])).toBe(0);
      api.clock.advance(7 * DAY - MARGIN);
      expect((await signUp(json.token)).status).toBe(200);
    });

    it('draws a token that has expired after seven days', async () => {
      const { json } = await api.withKey(await api.given.admin()).post(ROUTE);
      api.clock.advance(7 * DAY);
      expect(refusal(await signUp(json.token))).toBe('422 token_invalid account_creation_token');
    });

    it('draws a token whose stored form creates nothing', async () => {
      await api.withKey(await api.given.admin()).post(ROUTE);
      const [{ token: stored }] = await api.sql(
        "SELECT token FROM tokens WHERE origin = 'invitation' ORDER BY id DESC",
      );
      expect(refusal(await signUp(stored))).toBe('422 token_invalid account_creation_token');
      expect(refusal(await signUp(String(stored).slice(0, 13)))).toBe('422 token_invalid account_creation_token');
    });
  });

  describe('POST consume', () => {
    const consume = (account: GivenAccount, token: unknown) =>
      api.withKey(account).post(`${ROUTE}/consume`, { account_creation_token: token });

    it('ties a token to an account that was never activated, and shows it', async () => {
      const account = await api.given.inactiveAccount();
      const body = device();
      const token = await pushed(body);
      const { status, json } = await consume(account, token);
      expect(status).toBe(200);
      expect(json).toEqual({
        token,
        used: true,
        pn_provider: 'fcm',
        pn_param: 'project',
        pn_prid: body.pn_prid,
        account_id: account.id,
        expire_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      });
      expect(
        (await api.withKey(account).post('/api/accounts/me/email/request', { email: 'a@example.org' })).status,
      ).toBe(200);
    });

    it('shows null for the device of an invitation', async () => {
      const { json: invitation } = await api.withKey(await api.given.admin()).post(ROUTE);
      const { json } = await consume(await api.given.account(), invitation.token);
      expect(json).toMatchObject({ token: invitation.token, pn_provider: null, pn_param: null, pn_prid: null });
    });

    it('answers a call that is sent twice as the first time', async () => {
      const account = await api.given.account();
      const token = await api.given.token();
      const first = await consume(account, token);
      expect(first.status).toBe(200);
      expect(await consume(account, token)).toMatchObject({ status: 200, json: first.json });
    });

    it('of twenty accounts at once takes one', async () => {
      const token = await api.given.token();
      const accounts = await Promise.all(range(20).map(() => api.given.account()));
      const answers = await Promise.all(accounts.map((account) => consume(account, token)));
      expect(tally(answers)).toEqual({ 200: 1, '404 token_not_found': 19 });
    });

    it.each([
      ['unknown', async () => 'ABCDEFGHIJKLM'],
      ['used', () => api.given.token({ used: true })],
      ['expired', () => api.given.token({ ageInSeconds: DAY })],
      ['other than ASCII', async () => 'tokén00000001'],
    ])('answers 404 for a token that is %s', async (_what, given) => {
      expect(refusal(await consume(await api.given.account(), await given()))).toBe('404 token_not_found');
    });

    it('does not let an account activate itself that an administrator has turned off', async () => {
      const account = await api.given.account({ activated: false });
      const token = await api.given.token();
      expect(refusal(await consume(account, token))).toBe('403 account_not_activated');
      expect(await api.count('tokens', 'token = ? AND used = 1', [token])).toBe(0);
    });

    it('does not let the token create an account any more', async () => {
      const token = await api.given.token();
      const account = await api.given.inactiveAccount();
      await consume(account, token);
      expect(refusal(await signUp(token))).toBe('422 token_invalid account_creation_token');
      expect(await api.count('accounts', 'id = ?', [account.id])).toBe(1);
    });
  });
});

describe('Limits of pushes', () => {
  let api: Api;
  beforeAll(async () => (api = await Api.start({ environment: { ...BEHIND_PROXY, RATE_LIMITS: 'on' } })));
  afterAll(() => api.stop());

  it('allow 5 for a device in 10 minutes, from wherever they are asked for', async () => {
    const body = newDevice(api);
    const ask = () => stranger(api).post(`${ROUTE}/send-by-push`, body);
    for (const _ of range(5)) expect((await ask()).status).toBe(200);
    expect(refusal(await ask())).toBe('429 too_many_attempts');
  });
});
