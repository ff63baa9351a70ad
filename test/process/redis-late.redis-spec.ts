import { Api } from '../support/api.js';
import { contactHeader } from '../support/external/contact-header.js';
import { FULL } from '../support/external/two-addresses.js';
import { FullListener } from '../support/external/full-listener.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { clusterOfRedis } from '../support/external/redis-set.js';
import { Relay } from '../support/external/relay.js';
import { until } from '../support/until.js';
import { freePort } from '../support/private-mariadb.js';
import { refusal } from '../support/refusal.js';

const ALL = 'user default on nopass ~* &* +@all';

describe('A Redis that can be examined only after the start', () => {
  let api: Api | undefined;
  let started: { stop(): Promise<void> }[] = [];

  afterEach(async () => {
    await api?.stop();
    for (const one of started) await one.stop();
    [api, started] = [undefined, []];
  });

  const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
    started.push(one);
    return one;
  };

  it('is not used for nonces while it discards keys, and is once it keeps them', async () => {
    const redis = keep(await PrivateRedis.start({ lines: [ALL, 'maxmemory-policy allkeys-lru'] }));
    const listener = keep(await FullListener.start(FULL, redis.port));
    api = await Api.start({ environment: { NONCE_STORE: 'redis', REDIS_URL: `redis://${FULL}:${redis.port}` } });
    const { log } = api;
    const caller = api.withDigest(await api.given.account());
    api.clock.advance(5);
    listener.answer();
    await until(() => log.join('').includes('maxmemory-policy of that Redis is allkeys-lru'));
    expect(refusal(await caller.get('/api/accounts/me'))).toBe('503 nonces_unavailable');
    await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
    await until(async () => (await caller.get('/api/accounts/me')).status === 200);
  });

  it('is not used for registrations while it is a node of a Redis Cluster', async () => {
    const nodes = (await clusterOfRedis([ALL])).map(keep);
    const redis = keep(await PrivateRedis.start({ lines: [ALL] }));
    const relay = keep(await Relay.start(await freePort()));
    const environment = { DEVICES_DRIVER: 'redis', FLEXISIP_REDIS_URL: `redis://127.0.0.1:${relay.port}` };
    api = await Api.start({ environment, real: ['devices'] });
    const account = await api.given.account();
    const caller = api.withKey(account);
    await redis.client.hset(`fs:${account.sip}`, 'one', contactHeader({ updatedAt: Math.floor(Date.now() / 1000) }));
    for (const node of nodes) {
      relay.lead(node.port);
      // One of them has the slot of this account.
      expect(refusal(await caller.get('/api/accounts/me/devices'))).toBe('503 devices_unavailable');
    }
    expect(api.log.join('')).toContain(
      'FLEXISIP_REDIS_URL: leads to a node of a Redis Cluster, which is not supported',
    );
    relay.lead(redis.port);
    expect(Object.keys((await caller.get('/api/accounts/me/devices')).json)).toEqual(['one']);
  });
});

it('A Redis whose user may not see the server is asked about it once for each connection', async () => {
  const rights = '+get +set +del +incrby +expire +pttl +multi +exec +eval +evalsha +hget +hset +hsetnx +hdel +pexpire';
  const redis = await PrivateRedis.start({ lines: [`user api on >redis-secret ~flexisip-api:* -@all ${rights}`] });
  const api = await Api.start({
    environment: { NONCE_STORE: 'redis', REDIS_URL: `redis://api:redis-secret@127.0.0.1:${redis.port}` },
  });
  const probes = async () => Number(/cmdstat_hsetnx:calls=(\d+)/.exec(await redis.client.info('commandstats'))?.[1]);
  try {
    const before = await probes();
    await redis.client.call('ACL', 'LOG', 'RESET');
    await until(
      async () => (await api.send({ path: '/health/ready' })).status === 200 && (await probes()) > before + 3,
    );
    expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
  } finally {
    await api.stop();
    await redis.stop();
  }
});
