import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, found } from '../support/doctor.js';
import { clusterOfRedis } from '../support/external/redis-set.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { APP_KEY } from '../support/settings.js';
import { until } from '../support/until.js';

const LIMITS = '+get +set +del +incrby +expire +pttl +multi +exec +eval +evalsha';
const NONCES = '+hget +hset +hsetnx +hdel +pexpire +info';
const REGISTRAR = '+select +hlen +hgetall +hdel +publish +multi +exec';

// Each test runs several processes, one after the other.
jest.setTimeout(90_000);

describe('doctor, examining Redis,', () => {
  let redis: PrivateRedis;
  let environment: Record<string, string>;

  beforeAll(async () => {
    redis = await PrivateRedis.start({
      lines: [
        'user default off',
        // The least rights that the documents name.
        `user api on >redis-secret ~fs:* ~flexisip-api:* &* -@all +ping ${LIMITS} ${REGISTRAR}`,
        `user nonces on >redis-secret ~flexisip-api:* resetchannels -@all +ping ${LIMITS} ${NONCES}`,
        'user pinger on >redis-secret ~* &* -@all +ping',
      ],
    });
    environment = {
      APP_KEY,
      DB_DATABASE: join(tmpdir(), 'flexisip-api-none.sqlite'),
      NEIGHBOUR_TIMEOUT: '2',
      REDIS_URL: urlOf('api'),
      DEVICES_DRIVER: 'redis',
    };
  });
  afterAll(() => redis.stop());

  const urlOf = (user: string) => `redis://${user}:redis-secret@127.0.0.1:${redis.port}`;

  it('says that both Redis servers answer', async () => {
    const diagnosis = await diagnose(environment);
    expect(found(diagnosis, 'devices')).toEqual(["ok: the SIP proxy's Redis answers and accepts writes"]);
    expect(found(diagnosis, 'Redis')).toEqual(['ok: the shared Redis answers and accepts writes']);
    const nonces = await diagnose({
      ...environment,
      DEVICES_DRIVER: 'none',
      NONCE_STORE: 'redis',
      REDIS_URL: urlOf('nonces'),
    });
    expect(found(nonces, 'Redis')).toEqual(['ok: the shared Redis answers and accepts writes']);
  });

  it('names the right that is missing', async () => {
    const pinger = await diagnose({ ...environment, REDIS_URL: urlOf('pinger') });
    expect(found(pinger, 'Redis')).toEqual([
      expect.stringMatching(/^error: the shared Redis: NOPERM \(the user lacks a right: eval(sha)?\)$/),
    ]);
    expect(found(pinger, 'devices')).toEqual(["error: the SIP proxy's Redis: NOPERM (the user lacks a right: hlen)"]);
    const limitsOnly = await diagnose({ ...environment, DEVICES_DRIVER: 'none', NONCE_STORE: 'redis' });
    // Within a script, Redis does not say which.
    expect(found(limitsOnly, 'Redis')).toEqual(['error: the shared Redis: NOPERM (the user lacks a right)']);
    const others = await diagnose({ ...environment, REDIS_URL: urlOf('nonces') });
    expect(found(others, 'devices')).toEqual([
      expect.stringMatching(/^error: the SIP proxy's Redis: NOPERM \(the user lacks a right/),
    ]);
  });

  it('names a database that cannot be selected', async () => {
    const absent = await diagnose({ ...environment, REDIS_URL: `${urlOf('api')}/99` });
    expect(found(absent, 'Redis')).toEqual(['error: the shared Redis: REDIS_URL: database 99 does not exist there']);
    expect(found(absent, 'devices')).toEqual([
      "error: the SIP proxy's Redis: REDIS_URL: database 99 does not exist there",
    ]);
    const denied = await diagnose({ ...environment, DEVICES_DRIVER: 'none', REDIS_URL: `${urlOf('nonces')}/5` });
    expect(found(denied, 'Redis')).toEqual([
      'error: the shared Redis: REDIS_URL: database 5 cannot be selected: the user lacks the right +select',
    ]);
  });

  it('finds a replica, and what discards keys to make room', async () => {
    const nonces = { ...environment, NONCE_STORE: 'redis', REDIS_URL: urlOf('nonces') };
    await redis.client.config('SET', 'maxmemory-policy', 'volatile-ttl');
    const evicting = await diagnose(nonces);
    const forLimits = await diagnose({ ...nonces, NONCE_STORE: 'database' });
    await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
    expect(found(evicting, 'Redis')).toEqual([
      expect.stringMatching(
        /^error: NONCE_STORE: must not be "redis" while the maxmemory-policy of that Redis is volatile-ttl/,
      ),
    ]);
    expect(found(forLimits, 'Redis')).toEqual([
      'ok: the shared Redis answers and accepts writes',
      'warning: its maxmemory-policy is volatile-ttl: Redis may evict the counts of limits',
    ]);
    await redis.client.call('REPLICAOF', '127.0.0.1', 1);
    const replica = await diagnose(environment);
    await redis.client.call('REPLICAOF', 'NO', 'ONE');
    expect(found(replica, 'Redis')).toEqual(['error: the shared Redis: READONLY (a replica, which takes no writes)']);
    expect(found(replica, 'devices')).toEqual([
      "error: the SIP proxy's Redis: READONLY (a replica, which takes no writes)",
    ]);
  });

  it('says what it cannot look at', async () => {
    await redis.client.call('ACL', 'SETUSER', 'nonces', '-info');
    const blind = await diagnose({
      ...environment,
      DEVICES_DRIVER: 'none',
      NONCE_STORE: 'redis',
      REDIS_URL: urlOf('nonces'),
    });
    await redis.client.call('ACL', 'SETUSER', 'nonces', '+info');
    expect(found(blind, 'Redis')).toEqual([
      'ok: the shared Redis answers and accepts writes',
      expect.stringMatching(/^warning: NONCE_STORE=redis: the maxmemory-policy of that Redis cannot be seen/),
    ]);
    expect(blind.code).toBe(0);
  });

  it('refuses a Redis Cluster by name', async () => {
    const nodes = await clusterOfRedis(['user default on nopass ~* &* +@all']);
    const diagnosis = await diagnose({ ...environment, FLEXISIP_REDIS_URL: nodes[0].url, REDIS_URL: nodes[1].url });
    for (const node of nodes) await node.stop();
    const refusal =
      'leads to a node of a Redis Cluster, which is not supported: name a Redis of its own, or Sentinels that watch one';
    expect(found(diagnosis, 'Redis')).toEqual([`error: REDIS_URL: ${refusal}`]);
    expect(found(diagnosis, 'devices')).toEqual([`error: FLEXISIP_REDIS_URL: ${refusal}`]);
  });

  it('leaves no keys', async () => {
    await until(async () => (await redis.client.keys('*')).every((key) => key === 'flexisip-api:nonce-era'));
  });

  it('says that a password is wrong, or that the servers hang or are gone', async () => {
    const wrong = await diagnose({ ...environment, REDIS_URL: `redis://api:wrong-secret@127.0.0.1:${redis.port}` });
    expect(found(wrong, 'Redis')).toEqual([expect.stringMatching(/^error: the shared Redis: (WRONGPASS|NOAUTH)/)]);
    redis.freeze();
    const hanging = await diagnose(environment);
    redis.thaw();
    expect(found(hanging, 'Redis')).toEqual(['error: the shared Redis: did not answer in time']);
    await redis.crash();
    const gone = await diagnose(environment);
    expect(found(gone, 'Redis')).toEqual([expect.stringMatching(/^error: the shared Redis: .*ECONNREFUSED/)]);
    expect(found(gone, 'devices')).toEqual([expect.stringMatching(/^error: the SIP proxy's Redis: .*ECONNREFUSED/)]);
    for (const { code, stdout } of [wrong, hanging, gone]) {
      expect(code).toBe(1);
      expect(stdout).not.toMatch(/redis-secret|wrong-secret/);
    }
  });
});
