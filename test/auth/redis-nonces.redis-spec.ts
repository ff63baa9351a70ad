import { once } from 'node:events';
import { SHARED_REDIS, type SharedRedis } from '../../src/outbound/shared-redis.js';
import { Api } from '../support/api.js';
import { openConnections } from '../support/connections.js';
import type { GivenAccount } from '../support/factories.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { timed } from '../support/timed-calls.js';
import { refusal } from '../support/refusal.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { Counter, testCounts } from './nonce-counts.js';

/** The rights that docs/authentication.md tells operators to grant in addition to those for limits. */
const USER =
  'user nonces on >nonces-password resetkeys ~flexisip-api:* resetchannels -@all +get +set +del +incrby +expire +pttl +multi +exec +eval +evalsha +hget +hset +hsetnx +hdel +pexpire';

describe('Nonces that are remembered in Redis', () => {
  let redis: PrivateRedis;
  let database: TestDatabase;
  let api: Api;
  let another: Api;
  let alice: GivenAccount;

  beforeAll(async () => {
    redis = await PrivateRedis.start({ lines: [USER] });
    const environment = {
      NONCE_STORE: 'redis',
      REDIS_URL: redis.url.replace('//', '//nonces:nonces-password@'),
      RATE_LIMITS: 'off',
    };
    database = await createDatabase();
    api = await Api.start({ database, environment });
    another = await Api.start({ database, environment });
    alice = await api.given.account();
  });
  afterAll(async () => {
    await another.stop();
    await api.stop();
    await database.remove();
    await redis.stop();
  });

  const later = (seconds: number) => api.clock.advance(seconds);

  it('are good from a second after the start, the very first too', async () => {
    later(2);
    expect(await (await Counter.of(api, alice)).statuses([1])).toEqual([200]);
  });

  testCounts(() => api);

  it('are shared: of 40 copies sent at once to two processes, one is taken', async () => {
    later(2);
    const counter = await Counter.of(api, alice);
    await openConnections(api);
    await openConnections(another);
    const header = counter.headerFor(1);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => counter.send(header, index % 2 ? api : another)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(39);
  });

  it('leave nothing in the database, and in Redis nothing for longer than it could be replayed', async () => {
    later(2);
    const counter = await Counter.of(api, alice);
    await counter.use(1);
    expect(await api.count('nonces')).toBe(0);
    const left = await redis.client.pttl(`flexisip-api:nonce:${counter.challenge.nonce}`);
    expect(left).toBeGreaterThan(410_000);
    expect(left).toBeLessThanOrEqual(420_000);
  });

  it('keep no more than the counts of the window', async () => {
    later(2);
    const counter = await Counter.of(api, alice);
    await counter.statuses(Array.from({ length: 80 }, (_, index) => index + 1));
    expect(await redis.client.hlen(`flexisip-api:nonce:${counter.challenge.nonce}`)).toBe(1 + 64);
  });

  it('are good for nothing where Redis has lost its memory: their owners answer anew', async () => {
    later(2);
    const counter = await Counter.of(api, alice);
    expect(await counter.statuses([1])).toEqual([200]);
    await redis.client.flushall();
    const replay = await counter.use(1);
    expect(replay).toMatchObject({ status: 401, json: { code: 'nonce_replayed' } });
    expect(replay.challenges[0]).toContain('stale=true');
    later(2);
    expect(await (await Counter.of(api, alice)).statuses([1, 1])).toEqual([200, 401]);
  });

  it('are good again a second after a Redis without memory is back, before anybody has used one', async () => {
    const ready = once(api.app.get<SharedRedis>(SHARED_REDIS).client, 'ready');
    await redis.client.flushall();
    await redis.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await ready;
    later(2);
    expect(await (await Counter.of(api, alice)).statuses([1, 1])).toEqual([200, 401]);
  });

  it('are taken by nobody while Redis is away, which is said in bounded time', async () => {
    later(2);
    const counter = await Counter.of(api, alice);
    expect(await counter.statuses([1])).toEqual([200]);
    redis.freeze();
    const slow = await timed(() => counter.use(2));
    const fast = await timed(() => counter.use(3));
    redis.thaw();
    expect([slow, fast].map(({ answer }) => refusal(answer))).toEqual([
      '503 nonces_unavailable',
      '503 nonces_unavailable',
    ]);
    expect(slow.seconds).toBeLessThan(2);
    expect(fast.seconds).toBeLessThan(1);
    // An API key needs no nonce.
    expect((await api.withKey(alice).get('/api/accounts/me')).status).toBe(200);
  });
});
