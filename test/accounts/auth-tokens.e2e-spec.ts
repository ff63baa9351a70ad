import { Api } from '../support/api.js';
import { eventsOf, named } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { leaked } from '../support/logged.js';
import { range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

/** Seconds for which a token is accepted. */
const LIFETIME = 300;
/** Seconds that the test itself may take. */
const MARGIN = 5;
const NOT_FOUND = '404 token_not_found';

describe('Auth tokens', () => {
  let api: Api;
  let alice: GivenAccount;

  beforeAll(async () => (api = await Api.start()));
  beforeEach(async () => (alice = await api.given.account({ key: false })));
  afterAll(() => api.stop());

  const pathOf = (token: string) => `/api/accounts/auth_token/${token}/attach`;
  const draw = async () => String((await api.anonymous().post('/api/accounts/auth_token')).json.token);
  const attach = (account: GivenAccount, token: string) =>
    (account.apiKey ? api.withKey(account) : api.withDigest(account)).get(pathOf(token));
  const exchange = (token: string) => api.anonymous().get(`${ME}/api_key/${token}`);
  const attached = async (account = alice) => {
    const token = await draw();
    expect((await attach(account, token)).status).toBe(200);
    return token;
  };
  const keysOf = async ({ id }: GivenAccount) =>
    (await api.sql('SELECT `key` AS k FROM api_keys WHERE account_id = ?', [id])).map(({ k }) => String(k));
  const accountOf = async (key: string) => (await api.send({ path: ME, headers: { 'x-api-key': key } })).json.id;

  it('are drawn by anybody, of 32 letters and digits, and only their hash is stored', async () => {
    const answer = await api.anonymous().post('/api/accounts/auth_token');
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({ token: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
    expect(await api.count('flexisip_api_tokens', 'hash = ?', [answer.json.token])).toBe(0);
    expect(new Set(await Promise.all(range(5).map(draw))).size).toBe(5);
  });

  it('give the device that drew them a new key of the account that is attached, once', async () => {
    const token = await draw();
    expect(await attach(alice, token)).toMatchObject({ status: 200, text: '{}' });
    const answer = await exchange(token);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ api_key: expect.stringMatching(/^[A-Za-z0-9]{40}$/) });
    expect(await accountOf(answer.json.api_key)).toBe(alice.id);
    expect(refusal(await exchange(token))).toBe(NOT_FOUND);
    expect(refusal(await attach(alice, token))).toBe(NOT_FOUND);
    expect(await keysOf(alice)).toEqual([answer.json.api_key]);
    expect(await api.count('flexisip_api_tokens', 'account_id = ?', [alice.id])).toBe(0);
  });

  it('end the previous key of the account, and nobody else’s', async () => {
    const [bob, carol] = [await api.given.account(), await api.given.account()];
    await exchange(await attached(bob));
    expect(await keysOf(bob)).not.toContain(bob.apiKey);
    expect(await keysOf(carol)).toEqual([carol.apiKey]);
  });

  it('are attached by POST as by GET, and not by HEAD', async () => {
    const token = await draw();
    const head = { method: 'HEAD', path: pathOf(token) };
    expect(await api.withKey(await api.given.account()).send(head)).toMatchObject({
      status: 405,
      headers: { allow: 'GET, POST' },
    });
    expect(refusal(await exchange(token))).toBe(NOT_FOUND);
    expect(await api.withDigest(alice).post(pathOf(token))).toMatchObject({ status: 200, text: '{}' });
    const path = `${ME}/api_key/${token}`;
    expect(await api.send({ method: 'HEAD', path })).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect((await exchange(token)).status).toBe(200);
  });

  it('take a second call of the same account, and none of another one', async () => {
    const bob = await api.given.account();
    const token = await attached();
    expect((await attach(alice, token)).status).toBe(200);
    expect(refusal(await attach(bob, token))).toBe(NOT_FOUND);
    expect(await accountOf((await exchange(token)).json.api_key)).toBe(alice.id);
    expect(await keysOf(bob)).toEqual([bob.apiKey]);
  });

  it('give no key before an account is attached, and stay good for it', async () => {
    const token = await draw();
    expect(refusal(await exchange(token))).toBe(NOT_FOUND);
    await attach(alice, token);
    expect((await exchange(token)).status).toBe(200);
  });

  it('are accepted for five minutes, to be attached and to be exchanged', async () => {
    const [late, attachedLate, inTime] = [await draw(), await attached(), await attached()];
    api.clock.advance(LIFETIME - MARGIN);
    expect((await exchange(inTime)).status).toBe(200);
    api.clock.advance(MARGIN + 1);
    expect(refusal(await attach(alice, late))).toBe(NOT_FOUND);
    expect(refusal(await attach(alice, attachedLate))).toBe(NOT_FOUND);
    expect(refusal(await exchange(attachedLate))).toBe(NOT_FOUND);
  });

  it('give one key to 20 calls at once', async () => {
    const token = await attached();
    const answers = await Promise.all(range(20).map(() => exchange(token)));
    expect(tally(answers)).toEqual({ 200: 1, [NOT_FOUND]: 19 });
    expect(await keysOf(alice)).toEqual([answers.find(({ status }) => status === 200)?.json.api_key]);
  });

  it('are attached to one of 20 accounts at once, and 20 times at once to the same one', async () => {
    const accounts = await Promise.all(range(20).map(() => api.given.account()));
    const token = await draw();
    const answers = await Promise.all(accounts.map((account) => attach(account, token)));
    expect(tally(answers)).toEqual({ 200: 1, [NOT_FOUND]: 19 });
    const bob = await api.given.account();
    const other = await draw();
    expect(tally(await Promise.all(range(20).map(() => attach(bob, other))))).toEqual({ 200: 20 });
  });

  it.each<[string, (id: number) => Promise<unknown>]>([
    ['blocked', (id) => api.sql('UPDATE accounts SET blocked = 1, activated = 0 WHERE id = ?', [id])],
    ['turned off', (id) => api.sql('UPDATE accounts SET activated = 0 WHERE id = ?', [id])],
    ['deleted', (id) => api.sql('DELETE FROM accounts WHERE id = ?', [id])],
  ])('give no key of an account that was %s meanwhile', async (_state, change) => {
    const token = await attached();
    await change(alice.id);
    expect(refusal(await exchange(token))).toBe(NOT_FOUND);
    expect(await keysOf(alice)).toEqual([]);
  });

  it('are attached by a new account before its activation, whose key opens what the account may call', async () => {
    const newcomer = await api.given.newAccount();
    const { api_key: key } = (await exchange(await attached(newcomer))).json;
    expect(refusal(await api.send({ path: ME, headers: { 'x-api-key': key } }))).toBe('403 account_not_activated');
    await api.sql('UPDATE accounts SET activated = 1, never_activated = 0 WHERE id = ?', [newcomer.id]);
    expect(await accountOf(key)).toBe(newcomer.id);
  });

  it('give no key of a new account that was blocked meanwhile', async () => {
    const newcomer = await api.given.newAccount();
    const token = await attached(newcomer);
    await api.sql('UPDATE accounts SET blocked = 1 WHERE id = ?', [newcomer.id]);
    expect(refusal(await exchange(token))).toBe(NOT_FOUND);
    expect(await keysOf(newcomer)).toEqual([newcomer.apiKey]);
  });

  it('are attached by nobody else', async () => {
    const token = await draw();
    const ask = async (state: Promise<GivenAccount>) => refusal(await attach(await state, token));
    expect(await ask(api.given.inactiveAccount())).toBe('403 account_unvalidated');
    expect(await ask(api.given.account({ activated: false, creationToken: true }))).toBe('403 account_not_activated');
    expect(await ask(api.given.account({ blocked: true }))).toBe('403 account_blocked');
    const wrong = { headers: { from: alice.from, 'x-api-key': 'x'.repeat(40) }, path: pathOf(token) };
    expect(refusal(await api.send(wrong))).toBe('401 credentials_invalid');
    expect(refusal(await exchange(token))).toBe(NOT_FOUND);
  });

  it.each(['x', 'x'.repeat(32), 'x'.repeat(100), '%00', '%C3%A9', "'%20OR%20'1'='1", '%2e%2e'])(
    'that are unknown, as %s, are not found',
    async (token) => {
      const before = await api.count('api_keys');
      expect((await attach(alice, token)).status).toBe(404);
      expect((await exchange(token)).status).toBe(404);
      expect(await api.count('api_keys')).toBe(before);
    },
  );

  it('are of no use as another kind of token, and no other kind as one of these', async () => {
    const token = await attached();
    await api.sql("UPDATE flexisip_api_tokens SET kind = 'recovery' WHERE account_id = ?", [alice.id]);
    expect(refusal(await attach(alice, token))).toBe(NOT_FOUND);
    expect(refusal(await exchange(token))).toBe(NOT_FOUND);
  });

  it('report the new key as an event, and leave neither token nor key in the log', async () => {
    const token = await attached();
    let key = '';
    const events = await eventsOf(api, async () => (key = (await exchange(token)).json.api_key));
    expect(events).toMatchObject([{ event: 'api_key.generated', about: named(alice), by: { means: 'token' } }]);
    expect(leaked(api, token, key)).toEqual([]);
  });
});
