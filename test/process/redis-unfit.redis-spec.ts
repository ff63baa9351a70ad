import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidSettings } from '../../src/config/settings.js';
import { Api } from '../support/api.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { clusterOfRedis, sentinelOf } from '../support/external/redis-set.js';
import { until } from '../support/until.js';
import { Service } from '../support/service.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

const LIMITS = '+get +set +del +incrby +expire +pttl +multi +exec +eval +evalsha';
const NONCES = '+hget +hset +hsetnx +hdel +pexpire';
const REGISTRAR = '+select +hlen +hgetall +hdel +publish +multi +exec';
/** Users that see of the server itself what their names say. */
const USERS = ['+info', '+config|get', ''].map(
  (right, index) =>
    `user u${index} on >password ~flexisip-api:* ~fs:* &* -@all ${LIMITS} ${NONCES} ${REGISTRAR} ${right}`,
);
const [SEES_INFO, SEES_CONFIG, SEES_NOTHING] = ['u0', 'u1', 'u2'] as const;

describe('A start with a Redis that must not be used', () => {
  let database: TestDatabase;
  let started: PrivateRedis[] = [];

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.remove());
  afterEach(async () => {
    for (const redis of started) await redis.stop();
    started = [];
  });

  async function redisWith(...lines: string[]): Promise<PrivateRedis> {
    const redis = await PrivateRedis.start({ lines: [...USERS, ...lines] });
    started.push(redis);
    return redis;
  }
  const urlOf = ({ port }: PrivateRedis, user: string) => `redis://${user}:password@127.0.0.1:${port}`;

  /** What the start refuses, or what the log warns of. */
  async function outcome(
    environment: Record<string, string>,
  ): Promise<{ mistakes?: readonly string[]; warnings?: string[] }> {
    try {
      const api = await Api.start({ database, environment, real: ['devices'] });
      const warnings = api.log
        .map((line) => JSON.parse(line) as { level: number; msg: string })
        .filter(({ level }) => level >= 40);
      await api.stop();
      return { warnings: warnings.map(({ msg }) => msg) };
    } catch (error) {
      if (error instanceof InvalidSettings) return { mistakes: error.mistakes };
      throw error;
    }
  }

  describe.each([SEES_INFO, SEES_CONFIG])('whose user may see it (%s)', (user) => {
    it.each(['allkeys-lru', 'allkeys-random', 'volatile-lru', 'volatile-ttl'])(
      'is refused for nonces with maxmemory-policy %s',
      async (policy) => {
        const redis = await redisWith(`maxmemory-policy ${policy}`);
        expect(await outcome({ NONCE_STORE: 'redis', REDIS_URL: urlOf(redis, user) })).toEqual({
          mistakes: [
            expect.stringMatching(
              new RegExp(`^NONCE_STORE: .*maxmemory-policy of that Redis is ${policy}.*replayed.*noeviction`),
            ),
          ],
        });
        // Limits that are forgotten early harm less than a service that does not start.
        expect(await outcome({ RATE_LIMITS: 'on', REDIS_URL: urlOf(redis, user) })).toEqual({ warnings: [] });
      },
    );

    it('is accepted for nonces with noeviction', async () => {
      const redis = await redisWith();
      expect(await outcome({ NONCE_STORE: 'redis', REDIS_URL: urlOf(redis, user) })).toEqual({ warnings: [] });
    });
  });

  it('whose user may see nothing goes on, and says what it could not look at', async () => {
    const redis = await redisWith('maxmemory-policy allkeys-lru');
    expect(await outcome({ NONCE_STORE: 'redis', REDIS_URL: urlOf(redis, SEES_NOTHING) })).toEqual({
      warnings: [
        expect.stringMatching(/^NONCE_STORE=redis: the maxmemory-policy of that Redis cannot be seen; .*\+info/),
      ],
    });
  });

  it('as a provider renames CONFIG is seen by INFO', async () => {
    const redis = await redisWith('maxmemory-policy volatile-lfu', 'rename-command CONFIG ""');
    expect(await outcome({ NONCE_STORE: 'redis', REDIS_URL: urlOf(redis, SEES_INFO) })).toEqual({
      mistakes: [expect.stringContaining('volatile-lfu')],
    });
  });

  it.each([
    ['REDIS_URL', 'REDIS_SENTINELS', { NONCE_STORE: 'redis' }],
    ['FLEXISIP_REDIS_URL', 'FLEXISIP_REDIS_SENTINELS', { DEVICES_DRIVER: 'redis' }],
  ])('that is a Sentinel is refused as %s, with or without a database', async (variable, remedy, environment) => {
    const redis = await redisWith();
    const sentinel = await sentinelOf(redis, 'mymaster');
    started.push(sentinel);
    for (const path of ['', '/5']) {
      expect(await outcome({ ...environment, [variable]: `redis://127.0.0.1:${sentinel.port}${path}` })).toEqual({
        mistakes: [`${variable}: leads to a Sentinel: put its address into ${remedy}`],
      });
    }
  });

  it('that is busy, and thus not seen, is not said to need the right +info', async () => {
    const redis = await redisWith();
    await redis.client.config('SET', 'busy-reply-threshold', '1');
    const busy = redis.anotherClient();
    busy.eval('while true do end', 0).catch(() => undefined);
    await until(async () => {
      const answer = await redis.client.get('any').catch((error: Error) => error.message);
      return String(answer).startsWith('BUSY');
    });
    const { warnings } = await outcome({ NONCE_STORE: 'redis', REDIS_URL: urlOf(redis, SEES_INFO) });
    await redis.client.call('SCRIPT', 'KILL');
    expect(warnings).toEqual([expect.stringMatching(/^the shared Redis: BUSY /)]);
  });

  describe.each([SEES_INFO, SEES_NOTHING])('that is a Redis Cluster (%s)', (user) => {
    it.each([
      ['REDIS_URL', { NONCE_STORE: 'redis' }],
      ['REDIS_URL', { RATE_LIMITS: 'on' }],
      ['REDIS_URL', { DEVICES_DRIVER: 'redis' }],
      ['FLEXISIP_REDIS_URL', { DEVICES_DRIVER: 'redis' }],
    ])('is refused as %s, by name, with %j', async (variable, environment) => {
      const nodes = await clusterOfRedis(USERS);
      started.push(...nodes);
      // Of two nodes, one does not have the slot of any key; the other shows by INFO alone what it is.
      const outcomes = await Promise.all(
        nodes.map((node) => outcome({ ...environment, [variable]: urlOf(node, user) })),
      );
      const refusal = {
        mistakes: [
          expect.stringMatching(new RegExp(`^${variable}: leads to a node of a Redis Cluster, which is not supported`)),
        ],
      };
      if (user === SEES_INFO) expect(outcomes).toEqual([refusal, refusal]);
      else expect(outcomes).toContainEqual(refusal);
    });
  });

  it('ends the process, with the reason and the remedy', async () => {
    const redis = await redisWith('maxmemory-policy allkeys-lru');
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-unfit-'));
    try {
      for (const processes of ['1', '2']) {
        const environment = {
          DB_DATABASE: 'a.sqlite',
          PORT: '0',
          NONCE_STORE: 'redis',
          REDIS_URL: urlOf(redis, SEES_INFO),
        };
        const start = Service.start({ ...environment, WEB_CONCURRENCY: processes }, folder);
        await expect(start).rejects.toThrow(
          /exit code 1: The settings are not valid:\n {2}- NONCE_STORE: must not be "redis" while the maxmemory-policy .*NONCE_STORE=database\n$/,
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
