import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { replicatedRedis, sentinelOf, switchOver } from '../support/external/redis-set.js';
import { Relay } from '../support/external/relay.js';
import { ME } from '../support/http.js';
import { until } from '../support/until.js';
import { refusal } from '../support/refusal.js';
import { ReadinessService } from '../../src/health/readiness.service.js';

/** The rights that docs/limits.md and docs/authentication.md tell operators to grant. */
const RIGHTS =
  '+get +set +del +incrby +expire +pttl +multi +exec +eval +evalsha +hget +hset +hsetnx +hdel +pexpire +info';
const USER = `user nonces on >nonces-password resetkeys ~flexisip-api:* resetchannels -@all ${RIGHTS}`;

// A failover takes longer than the default timeout.
jest.setTimeout(60_000);

describe('Nonces in a Redis that cannot be written any more', () => {
  let api: Api;
  let alice: GivenAccount;
  let started: { stop(): Promise<void> }[] = [];

  afterEach(async () => {
    await api?.stop();
    for (const one of started) await one.stop();
    started = [];
  });

  const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
    started.push(one);
    return one;
  };
  const urlOf = (port: number) => `redis://nonces:nonces-password@127.0.0.1:${port}`;
  async function begin(environment: Record<string, string>): Promise<void> {
    api = await Api.start({ environment: { NONCE_STORE: 'redis', RATE_LIMITS: 'off', ...environment } });
    alice = await api.given.account();
    api.clock.advance(5);
    // The first call opens the connection to the Redis. On a busy machine, that may take longer than a call waits for
    // it.
    await untilServed();
  }
  const call = async () => {
    const answer = await api.withDigest(alice).get(ME);
    return answer.status === 200 ? '200' : refusal(answer);
  };
  const ready = async () => (await api.send({ path: '/health/ready' })).status;
  const untilServed = () => until(async () => (await call()) === '200');

  /** Expects 503 for Digest calls, and a process that is not ready and says why. A PING would still be answered. */
  async function expectTrouble(code: string): Promise<void> {
    expect(await call()).toBe('503 nonces_unavailable');
    expect(await ready()).toBe(503);
    const { status, redis } = await api.app.get(ReadinessService).details();
    expect({ status, redis }).toEqual({
      status: 'unavailable',
      redis: { status: 'unavailable', reason: expect.stringMatching(new RegExp(`^${code} \\(`)) as string },
    });
    expect(api.log.join('')).toMatch(new RegExp(`the shared Redis: ${code} \\(.*calls by Digest are refused`));
    // An API key needs no nonce.
    expect((await api.withKey(alice).get(ME)).status).toBe(200);
  }

  it('go to the new primary, where the address leads there now', async () => {
    const [primary, replica] = await replicatedRedis([USER]);
    [primary, replica].forEach(keep);
    const relay = keep(await Relay.start(primary.port));
    await begin({ REDIS_URL: urlOf(relay.port) });
    await switchOver(primary, replica);
    await expectTrouble('READONLY');
    relay.lead(replica.port);
    await untilServed();
    expect(await ready()).toBe(200);
    expect(await replica.client.keys('flexisip-api:nonce:*')).not.toHaveLength(0);
  });

  it('take no count twice that was used before the failover', async () => {
    const [primary, replica] = await replicatedRedis([USER]);
    [primary, replica].forEach(keep);
    const relay = keep(await Relay.start(primary.port));
    await begin({ REDIS_URL: urlOf(relay.port) });
    const used: Record<string, string | string[]>[] = [];
    const client = api.withDigest(alice);
    const { send } = api;
    api.send = (request) => {
      if (request.headers?.authorization) used.push(request.headers);
      return send.call(api, request);
    };
    expect((await client.get(ME)).status).toBe(200);
    await switchOver(primary, replica);
    relay.lead(replica.port);
    await untilServed();
    expect(refusal(await send.call(api, { path: ME, headers: used[0] }))).toBe('401 nonce_replayed');
  });

  it('go to the primary that Sentinels name after a failover', async () => {
    const [primary, replica] = await replicatedRedis([USER, 'user default on nopass ~* &* +@all']);
    [primary, replica].forEach(keep);
    const sentinel = keep(await sentinelOf(primary, 'mymaster'));
    await begin({ REDIS_URL: urlOf(1), REDIS_SENTINELS: `127.0.0.1:${sentinel.port}` });
    await until(async () =>
      String(await sentinel.client.call('SENTINEL', 'REPLICAS', 'mymaster')).includes(String(replica.port)),
    );
    await sentinel.client.call('SENTINEL', 'FAILOVER', 'mymaster');
    await until(async () => (await primary.client.info('replication')).includes('role:slave'));
    await untilServed();
    expect(await ready()).toBe(200);
    expect((await replica.client.info('replication')).includes('role:master')).toBe(true);
  });

  type Change = (redis: PrivateRedis) => Promise<unknown>;
  const TROUBLES: readonly [code: string, begin: Change, end: Change][] = [
    [
      'READONLY',
      (redis) => redis.client.call('REPLICAOF', '127.0.0.1', 1),
      (redis) => redis.client.call('REPLICAOF', 'NO', 'ONE'),
    ],
    [
      'MASTERDOWN',
      async (redis) => {
        await redis.client.config('SET', 'replica-serve-stale-data', 'no');
        await redis.client.call('REPLICAOF', '127.0.0.1', 1);
      },
      (redis) => redis.client.call('REPLICAOF', 'NO', 'ONE'),
    ],
    [
      'NOREPLICAS',
      (redis) => redis.client.config('SET', 'min-replicas-to-write', '1'),
      (redis) => redis.client.config('SET', 'min-replicas-to-write', '0'),
    ],
    [
      'OOM',
      (redis) => redis.client.config('SET', 'maxmemory', '1'),
      (redis) => redis.client.config('SET', 'maxmemory', '0'),
    ],
    [
      'NOPERM',
      (redis) => redis.client.call('ACL', 'SETUSER', 'nonces', '-hsetnx'),
      (redis) => redis.client.call('ACL', 'SETUSER', 'nonces', '+hsetnx'),
    ],
    [
      'NOPERM',
      (redis) => redis.client.call('ACL', 'SETUSER', 'nonces', '-evalsha', '-eval'),
      (redis) => redis.client.call('ACL', 'SETUSER', 'nonces', '+evalsha', '+eval'),
    ],
  ];

  it.each(TROUBLES)(
    'are refused while it answers %s, and taken when it can be written again',
    async (code, trouble, end) => {
      const redis = keep(await PrivateRedis.start({ lines: [USER] }));
      await begin({ REDIS_URL: urlOf(redis.port) });
      await trouble(redis);
      await expectTrouble(code);
      await end(redis);
      await untilServed();
      expect(await ready()).toBe(200);
    },
  );

  it('are refused while it takes no more clients', async () => {
    const redis = keep(await PrivateRedis.start({ lines: [USER] }));
    await begin({ REDIS_URL: urlOf(redis.port) });
    await redis.client.config('SET', 'maxclients', '1');
    await redis.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(async () => (await call()) === '503 nonces_unavailable');
    const reason = async () => (await api.app.get(ReadinessService).details()).redis?.reason;
    await until(async () => (await reason()) === 'MAXCLIENTS (max number of clients reached)');
    await redis.client.config('SET', 'maxclients', '100');
    await untilServed();
  });

  it('are found out by readiness alone, where no call is made', async () => {
    const redis = keep(await PrivateRedis.start({ lines: [USER] }));
    await begin({ REDIS_URL: urlOf(redis.port) });
    await redis.client.call('REPLICAOF', '127.0.0.1', 1);
    await until(async () => (await ready()) === 503);
    await redis.client.call('REPLICAOF', 'NO', 'ONE');
    await until(async () => (await ready()) === 200);
    expect(await call()).toBe('200');
  });

  it('are refused while a Redis discards keys to make room, which a new connection shows', async () => {
    const redis = keep(await PrivateRedis.start({ lines: [USER] }));
    await begin({ REDIS_URL: urlOf(redis.port) });
    await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(async () => (await call()) === '503 nonces_unavailable');
    await until(async () => /maxmemory-policy of that Redis is allkeys-lru/.test(api.log.join('')));
    expect(await ready()).toBe(503);
    await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
    await untilServed();
  });

  it('leave no keys behind that only probed whether it can be written', async () => {
    const redis = keep(await PrivateRedis.start({ lines: [USER] }));
    await begin({ REDIS_URL: urlOf(redis.port), RATE_LIMITS: 'on' });
    expect(await ready()).toBe(200);
    const probes = async () => (await redis.client.keys('*')).filter((key) => key.includes('probe'));
    await until(async () => (await probes()).length === 0);
  });

  it('do not count for readiness where the database has them', async () => {
    const redis = keep(await PrivateRedis.start({ lines: [USER] }));
    await begin({ NONCE_STORE: 'database', RATE_LIMITS: 'on', REDIS_URL: urlOf(redis.port) });
    await redis.client.call('REPLICAOF', '127.0.0.1', 1);
    await until(async () => (await api.app.get(ReadinessService).details()).redis?.status === 'unavailable');
    expect(await ready()).toBe(200);
    expect(await call()).toBe('200');
  });
});
