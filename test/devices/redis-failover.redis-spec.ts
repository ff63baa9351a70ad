import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { contactHeader } from '../support/external/contact-header.js';
import type { PrivateRedis } from '../support/external/private-redis.js';
import { replicatedRedis, switchOver } from '../support/external/redis-set.js';
import { Relay } from '../support/external/relay.js';
import { refusal } from '../support/refusal.js';

const PATH = '/api/accounts/me/devices';

describe('A registrar in a Redis whose primary has changed', () => {
  let primary: PrivateRedis;
  let replica: PrivateRedis;
  let relay: Relay;
  let api: Api;
  let account: GivenAccount;

  beforeEach(async () => {
    [primary, replica] = await replicatedRedis();
    relay = await Relay.start(primary.port);
    const environment = {
      DEVICES_DRIVER: 'redis',
      FLEXISIP_REDIS_URL: `redis://127.0.0.1:${relay.port}`,
      NEIGHBOUR_TIMEOUT: '3',
    };
    api = await Api.start({ environment, real: ['devices'] });
    account = await api.given.account();
    const contact = contactHeader({ updatedAt: Math.floor(Date.now() / 1000) });
    await primary.client.hset(`fs:${account.sip}`, 'one', contact, 'two', contact);
  });
  afterEach(async () => {
    await api.stop();
    await relay.stop();
    await replica.stop();
    await primary.stop();
  });

  const remove = (uuid: string) => api.withKey(account).delete(`${PATH}/${uuid}`);

  it('removes there, within the same call, what the old one refuses', async () => {
    expect((await remove('one')).status).toBe(200);
    await switchOver(primary, replica);
    relay.lead(replica.port);
    expect((await remove('two')).status).toBe(200);
    expect(await replica.client.exists(`fs:${account.sip}`)).toBe(0);
  });

  it('is 503 while its address leads to a replica, which the log says, and is served afterwards', async () => {
    await switchOver(primary, replica);
    expect(refusal(await remove('two'))).toBe('503 devices_unavailable');
    expect(api.log.join('')).toMatch(/the SIP proxy's Redis: READONLY \(a replica, which takes no writes\)/);
    expect(await replica.client.hlen(`fs:${account.sip}`)).toBe(2);
    relay.lead(replica.port);
    expect((await remove('two')).status).toBe(200);
  });
});
