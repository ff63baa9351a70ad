import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { contactHeader } from '../support/external/contact-header.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { Relay } from '../support/external/relay.js';
import { range } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';

const PATH = '/api/accounts/me/devices';

describe('A registrar in Redis whose connection fails once', () => {
  let redis: PrivateRedis;
  let api: Api;
  let account: GivenAccount;

  beforeAll(async () => {
    redis = await PrivateRedis.start();
  });
  afterEach(() => api.stop());
  afterAll(() => redis.stop());

  async function begin(environment: Record<string, string>): Promise<void> {
    api = await Api.start({
      environment: { RATE_LIMITS: 'off', NEIGHBOUR_TIMEOUT: '1', DEVICES_DRIVER: 'redis', ...environment },
      real: ['devices'],
    });
    account = await api.given.account();
    await redis.client.hset(`fs:${account.sip}`, 'one', contactHeader({ updatedAt: Math.floor(Date.now() / 1000) }));
  }

  const list = () => api.withKey(account).get(PATH);
  const connections = async () =>
    Number(/total_connections_received:(\d+)/.exec(await redis.client.info('stats'))?.[1]);

  it('fails what is under way on it, and nothing after that', async () => {
    const relay = await Relay.start(redis.port);
    await begin({ REDIS_URL: `redis://127.0.0.1:${relay.port}`, NEIGHBOUR_TIMEOUT: '2' });
    expect((await list()).status).toBe(200);
    const before = await connections();
    relay.goDead();
    // A while between them, so that the last have much time left when the first gives up.
    const spread = range(20).map((index) => delay(index * 25).then(list));
    expect(tally(await Promise.all(spread))).toEqual({ '503 devices_unavailable': 20 });
    for (const _ of range(3)) expect(tally(await Promise.all(range(20).map(list)))).toEqual({ '200': 20 });
    expect(await connections()).toBe(before + 1);
    await relay.stop();
  });

  it('is asked again where the connection was cut while nothing was under way', async () => {
    await begin({ REDIS_URL: redis.url });
    expect((await list()).status).toBe(200);
    for (const _ of range(5)) {
      await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      expect((await list()).status).toBe(200);
    }
  });

  it('does not do later what was answered with 503', async () => {
    await begin({ REDIS_URL: redis.url });
    redis.freeze();
    expect(tally([await api.withKey(account).delete(`${PATH}/one`)])).toEqual({ '503 devices_unavailable': 1 });
    redis.thaw();
    expect(Object.keys((await list()).json)).toEqual(['one']);
  });

  it('asks the next Sentinel where one hangs', async () => {
    const silent = createServer((socket) => socket.on('error', () => socket.destroy()).resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const lines = [`sentinel monitor mymaster 127.0.0.1 ${redis.port} 1`];
    const sentinel = await PrivateRedis.start({ isSentinel: true, lines });
    const sentinels = `127.0.0.1:${(silent.address() as AddressInfo).port},127.0.0.1:${sentinel.port}`;
    await begin({ REDIS_URL: 'redis://unused', REDIS_SENTINELS: sentinels, NEIGHBOUR_TIMEOUT: '10' });
    expect((await list()).status).toBe(200);
    await api.stop();
    silent.close();
    await sentinel.stop();
    await begin({ REDIS_URL: redis.url });
  });
});
