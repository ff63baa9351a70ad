import { LIMITS } from '../../src/config/groups/limits.js';
import { Api } from '../support/api.js';
import { ME } from '../support/http.js';
import { range } from '../support/public-routes.js';
import { from, LIMITED, newAddress } from './callers.js';

const NOTHING = Object.fromEntries(Object.values(LIMITS).map(({ variable }) => [variable, '0']));

describe.each([
  ['RATE_LIMITS=off', { TRUST_PROXY: '127.0.0.1', RATE_LIMITS: 'off' }],
  ['every limit at 0', { ...LIMITED, ...NOTHING }],
])('With %s', (_name, environment) => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment });
  });
  afterAll(() => api.stop());

  it('no call is refused, and no answer has headers about limits', async () => {
    const address = newAddress();
    const alice = await api.given.account();
    const info = `/api/accounts/${alice.sip}/info`;
    const calls = range(620).map((index) =>
      index % 2 ? from(api, address).get(info) : from(api, address, alice, 'wrong').get(ME),
    );
    const answers = await Promise.all(calls);
    expect(answers.filter(({ status }) => status === 429)).toEqual([]);
    expect(answers[0]?.headers).not.toHaveProperty('x-ratelimit-limit');
  });

  it('codes and passwords may be tried without a limit', async () => {
    const alice = await api.given.account();
    const change = (old_password: string) =>
      from(api, newAddress(), alice).post(`${ME}/password`, { algorithm: 'MD5', password: 'another', old_password });
    for (const _ of range(15)) expect((await change('wrong')).status).toBe(422);
    const activate = () =>
      from(api, newAddress()).post('/api/accounts/nobody@sip.example.org/activate/email', { code: '0000' });
    for (const _ of range(15)) expect((await activate()).status).toBe(404);
  });
});

describe('A limit that is set by its own variable', () => {
  it('holds what the variable says, and leaves the others', async () => {
    const api = await Api.start({ environment: { ...LIMITED, LIMIT_INFO: '3', LIMIT_ACTIVATIONS: '0' } });
    const address = newAddress();
    const info = () => from(api, address).get('/api/accounts/nobody@sip.example.org/info');
    expect([await info(), await info(), await info(), await info()].map(({ status }) => status)).toEqual([
      404, 404, 404, 429,
    ]);
    const token = (index: number) =>
      from(api, address).post('/api/tokens', { pn_provider: 'fcm', pn_param: 'p', pn_prid: `d${index}` });
    for (const index of range(10)) expect((await token(index)).status).toBe(200);
    expect((await token(10)).status).toBe(429);
    const activate = (index: number) =>
      from(api, address).post(`/api/accounts/no${index}@sip.example.org/activate/email`, { code: '0000' });
    for (const index of range(25)) expect((await activate(index)).status).toBe(404);
    await api.stop();
  });
});
