import { Api } from '../support/api.js';
import { eventsOf, named } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { leaked } from '../support/logged.js';
import { range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const PATH = `${ME}/api_key`;

describe('GET /accounts/me/api_key', () => {
  let api: Api;
  let alice: GivenAccount;

  beforeAll(async () => (api = await Api.start()));
  beforeEach(async () => (alice = await api.given.account()));
  afterAll(() => api.stop());

  const keysOf = async ({ id }: GivenAccount) =>
    (await api.sql('SELECT `key` AS k FROM api_keys WHERE account_id = ?', [id])).map(({ k }) => String(k));
  const statusWith = async (key = '') => (await api.send({ path: ME, headers: { 'x-api-key': key } })).status;

  it('answers a new key of 40 letters and digits as text, which opens the account', async () => {
    const answer = await api.withDigest(alice).get(PATH);
    expect(answer).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
      headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' },
    });
    expect(await statusWith(answer.text)).toBe(200);
    expect(await keysOf(alice)).toEqual([answer.text]);
  });

  it('ends the key before, also the one it is called with, and nobody else’s', async () => {
    const bob = await api.given.account();
    const { text: key } = await api.withKey(alice).get(PATH);
    expect(key).not.toBe(alice.apiKey);
    expect(await statusWith(alice.apiKey)).toBe(401);
    expect(await statusWith(key)).toBe(200);
    expect(await statusWith(bob.apiKey)).toBe(200);
  });

  it('gives an account its first key', async () => {
    const carol = await api.given.account({ key: false });
    expect(await statusWith((await api.withDigest(carol).get(PATH)).text)).toBe(200);
  });

  it('leaves one key after 20 calls at once', async () => {
    const callers = await Promise.all(range(20).map(async () => api.withDigest(alice)));
    const answers = await Promise.all(callers.map((caller) => caller.get(PATH)));
    expect(tally(answers)).toEqual({ 200: 20 });
    const [key, ...others] = await keysOf(alice);
    expect(others).toEqual([]);
    expect(answers.map(({ text }) => text)).toContain(key);
  });

  it.each(['HEAD', 'POST', 'PUT', 'DELETE'])('refuses %s, which changes nothing', async (method) => {
    const answer = await api.withKey(alice).send({ method, path: PATH });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect(await keysOf(alice)).toEqual([alice.apiKey]);
  });

  it('is of activated accounts with right credentials', async () => {
    const refusalOf = async (account: GivenAccount) => {
      const answer = await api.withKey(account).get(PATH);
      expect(await keysOf(account)).toEqual([account.apiKey]);
      return refusal(answer);
    };
    expect(await refusalOf(await api.given.newAccount())).toBe('403 account_not_activated');
    expect(await refusalOf(await api.given.inactiveAccount())).toBe('403 account_not_activated');
    expect(await refusalOf(await api.given.account({ blocked: true }))).toBe('403 account_blocked');
    expect(refusal(await api.send({ path: PATH, headers: { from: alice.from } }))).toBe('401 authentication_required');
    const headers = { from: alice.from, 'x-api-key': 'wrong' };
    expect(refusal(await api.send({ path: PATH, headers }))).toBe('401 credentials_invalid');
    expect(await keysOf(alice)).toEqual([alice.apiKey]);
  });

  it('reports an event of the account, without the key, and leaves no key in the log', async () => {
    let key = '';
    const events = await eventsOf(api, async () => (key = (await api.withKey(alice).get(PATH)).text));
    const by = { ...named(alice), means: 'api-key' };
    expect(events).toMatchObject([{ event: 'api_key.generated', about: named(alice), by }]);
    expect(leaked(api, key, alice.apiKey ?? '')).toEqual([]);
  });
});
