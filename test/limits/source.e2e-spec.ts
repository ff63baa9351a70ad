import { Api } from '../support/api.js';
import { range, registrationBody, uniquePhone } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';
import { from, LIMITED, newAddress, retryAfter, TOO_MANY } from './callers.js';

describe('The limits of a source address', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { ...LIMITED, TOKENS_PER_DEVICE: '0', UNUSED_TOKENS_PER_DEVICE: '0' } });
  });
  afterAll(() => api.stop());

  const token = (address: string) =>
    from(api, address).post('/api/tokens', {
      pn_provider: 'fcm',
      pn_param: 'project',
      pn_prid: api.given.unique('device'),
    });
  const activate = (address: string, how: string) =>
    from(api, address).post(`/api/accounts/${api.given.unique('nobody')}@sip.example.org/activate/${how}`, {
      code: '0000',
    });

  it.each<[string, number, (address: string) => Promise<unknown>]>([
    ['600 requests', 600, (address) => from(api, address).get('/api/ping')],
    ['100 calls of info', 100, (address) => from(api, address).get('/api/accounts/nobody@sip.example.org/info')],
    ['10 tokens', 10, token],
    ['30 calls of with-token', 30, (address) => from(api, address).post('/api/accounts/with-token', {})],
    ['30 auth tokens', 30, (address) => from(api, address).post('/api/accounts/auth_token')],
    ['30 exchanges of them', 30, (address) => from(api, address).get('/api/accounts/me/api_key/unknown')],
    ['20 activations by mail', 20, (address) => activate(address, 'email')],
    ['20 activations by phone', 20, (address) => activate(address, 'phone')],
  ])('are %s in a minute, and then none until it is over', async (_name, most, call) => {
    const address = newAddress();
    const answers = (await Promise.all(range(most).map(() => call(address)))) as Awaited<ReturnType<typeof token>>[];
    expect(answers.filter(({ status }) => status === 429)).toEqual([]);
    const refused = (await call(address)) as Awaited<ReturnType<typeof token>>;
    expect(refusal(refused)).toBe(TOO_MANY);
    expect(retryAfter(refused)).toBeGreaterThan(0);
    expect(retryAfter(refused)).toBeLessThanOrEqual(60);
    expect(((await call(newAddress())) as typeof refused).status).not.toBe(429);
    api.clock.advance(60);
    expect(((await call(address)) as typeof refused).status).not.toBe(429);
  });

  it('are told with every answer under /api, whatever it is', async () => {
    const address = newAddress();
    const client = from(api, address);
    const left = async (path: string) => (await client.get(path)).headers['x-ratelimit-remaining'];
    const first = await client.get('/api/ping');
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '600', 'x-ratelimit-remaining': '599' });
    expect(await left('/api/accounts/me')).toBe('598');
    expect(await left('/api/nowhere')).toBe('597');
    expect(await left('/api/docs')).toBe('596');
    expect((await client.send({ method: 'PUT', path: '/api/ping' })).headers['x-ratelimit-remaining']).toBe('595');
    await Promise.all(range(600).map(() => client.get('/api/ping')));
    const refused = await client.get('/api/ping');
    expect(refused.headers).toMatchObject({ 'x-ratelimit-limit': '600', 'x-ratelimit-remaining': '0' });
  });

  it('come before everything else, and need no database', async () => {
    const address = newAddress();
    await Promise.all(range(600).map(() => from(api, address).get('/api/ping')));
    const requests = [
      { path: '/api/nowhere' },
      { path: '/api/accounts/me' },
      { method: 'DELETE', path: '/api/ping' },
      { method: 'POST', path: '/api/tokens', headers: { 'content-type': 'text/plain' }, body: 'x' },
      { method: 'POST', path: '/api/tokens', body: 'x'.repeat(70_000) },
    ];
    for (const request of requests) expect(refusal(await from(api, address).send(request))).toBe(TOO_MANY);
  });

  it('hold 5 accounts an hour, and do not count what created none', async () => {
    const address = newAddress();
    const create = async (members = {}) =>
      from(api, address).post('/api/accounts/with-token', await registrationBody(api, members));
    for (const _ of range(4)) expect((await create()).status).toBe(200);
    for (const _ of range(6)) expect((await create({ token: 'unknownunknow' })).status).toBe(422);
    api.mails.fail();
    expect((await create({ email: 'john@example.org' })).status).toBe(503);
    api.mails.recover();
    expect((await create()).status).toBe(200);
    const body = await registrationBody(api);
    const refused = await from(api, address).post('/api/accounts/with-token', body);
    expect(refusal(refused)).toBe(TOO_MANY);
    expect(retryAfter(refused)).toBeGreaterThan(3_500);
    expect(await api.count('tokens', 'token = ? AND used = 0', [body.token])).toBe(1);
    expect((await from(api, newAddress()).post('/api/accounts/with-token', body)).status).toBe(200);
  });

  it('hold 5 accounts of 12 that are asked for at once', async () => {
    const address = newAddress();
    const bodies = await Promise.all(range(12).map(() => registrationBody(api)));
    const answers = await Promise.all(bodies.map((body) => from(api, address).post('/api/accounts/with-token', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...range(5).map(() => 200),
      ...range(7).map(() => 429),
    ]);
  });

  it.each([
    ['email', () => ({ email: `${api.given.unique('new')}@example.org` })],
    ['phone', () => ({ phone: uniquePhone(api) })],
  ])(
    'are 20 %s requests in an hour, of all accounts together, and count only those of accounts',
    async (what, body) => {
      const address = newAddress();
      const path = `/api/accounts/me/${what}/request`;
      const accounts = await Promise.all(range(5).map(() => api.given.account()));
      for (const account of accounts)
        await from(api, address).send({ method: 'POST', path, headers: { from: account.from } });
      const answers = await Promise.all(
        accounts.flatMap((account) => range(4).map(() => from(api, address, account).post(path, body()))),
      );
      expect(tally(answers)).toEqual({ 200: 20 });
      const account = await api.given.account();
      const refused = await from(api, address, account).post(path, body());
      expect(refusal(refused)).toBe(TOO_MANY);
      expect(retryAfter(refused)).toBeGreaterThan(3_500);
      // Before anybody looks who calls.
      expect(refusal(await from(api, address, account, 'wrong').post(path, body()))).toBe(TOO_MANY);
      expect((await from(api, newAddress(), account).post(path, body())).status).toBe(200);
    },
  );

  it('count the /64 network of an IPv6 address as one', async () => {
    const get = async (address: string) => (await from(api, address).get('/api/ping')).headers['x-ratelimit-remaining'];
    expect(await get('2001:db8:1:2::1')).toBe('599');
    expect(await get('2001:db8:1:2:ffff:ffff:ffff:ffff')).toBe('598');
    expect(await get('2001:db8:1:3::1')).toBe('599');
    expect(await get('2001:0DB8:0001:0002:0:0:0:5')).toBe('597');
    expect(await get('::ffff:198.51.100.7')).toBe('599');
    expect(await get('198.51.100.7')).toBe('598');
  });
});
