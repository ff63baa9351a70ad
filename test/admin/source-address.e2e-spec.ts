import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';

/** What a trusted proxy forwards, and the address that is written. */
const FORWARDED = [
  ['203.0.113.9', '203.0.113.9'],
  ['192.0.2.7, 203.0.113.9', '203.0.113.9'],
  ['192.0.2.7, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::FFFF:203.0.113.9', '203.0.113.9'],
  ['::ffff:cb00:7109', '203.0.113.9'],
  ['0:0:0:0:0:ffff:203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:4711', '203.0.113.9'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['192.0.2.7, 203.0.113.9:4711, 10.1.2.3', '203.0.113.9'],
  ['203.0.113.9:x', '127.0.0.1'],
  ['unknown', '127.0.0.1'],
  ['', '127.0.0.1'],
] as const;

describe('ip_address of an account', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off', TRUST_PROXY: '127.0.0.1,10.0.0.0/8' } });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const createdFrom = (forwarded: string) =>
    api.withKey(admin).send({
      method: 'POST',
      path: '/api/accounts',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': forwarded },
      body: JSON.stringify({ username: api.given.unique('created'), password: 'secret words', algorithm: 'MD5' }),
    });

  it.each(FORWARDED)('forwarded as "%s" by a trusted proxy is %s', async (forwarded, address) => {
    const answer = await createdFrom(forwarded);
    expect(answer.status).toBe(200);
    expect(answer.json.ip_address).toBe(address);
  });

  it('fits its column with the zone of a link-local address, too', async () => {
    const answer = await createdFrom('fe80::aaaa:bbbb:cccc:dddd%br-0123456789ab');
    expect(answer.status).toBe(200);
    expect(answer.json.ip_address.length).toBeLessThanOrEqual(39);
    expect(answer.json.ip_address).toMatch(/^fe80::aaaa:bbbb:cccc:dddd/);
  });
});
