import { SHARED_REDIS, type SharedRedis } from '../../src/outbound/shared-redis.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { contactHeader } from '../support/external/contact-header.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { until } from '../support/until.js';
import { refusal } from '../support/refusal.js';

const REGISTRAR = '+hlen +hgetall +hdel +publish +multi +exec';
const NONCES =
  '+get +set +del +incrby +expire +pttl +multi +exec +eval +evalsha +hget +hset +hsetnx +hdel +pexpire +info';
const USER = `user api on >redis-secret ~fs:* ~flexisip-api:* &* -@all ${REGISTRAR} ${NONCES}`;

const ABSENT = /_URL: database 5 does not exist there/;
const DENIED = /_URL: database 5 cannot be selected: the user lacks the right \+select/;

describe('A database of Redis that cannot be selected', () => {
  let redis: PrivateRedis;
  let api: Api | undefined;
  let account: GivenAccount;

  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await redis.stop();
  });

  const url = () => `redis://api:redis-secret@127.0.0.1:${redis.port}/5`;
  async function begin(lines: readonly string[], environment: () => Record<string, string>): Promise<Api> {
    redis = await PrivateRedis.start({ lines });
    const all = { RATE_LIMITS: 'off', NEIGHBOUR_TIMEOUT: '2', ...environment() };
    api = await Api.start({ environment: all, real: ['devices'] });
    account = await api.given.account();
    api.clock.advance(5);
    return api;
  }
  const logOf = ({ log }: Api) => log.join('');

  const CASES = [
    ['does not exist', [`${USER} +select`, 'databases 1'], ABSENT],
    ['the user may not select', [USER], DENIED],
  ] as const;

  it.each(CASES)('because it %s lists no devices and removes none of database 0', async (_name, lines, reason) => {
    const started = await begin(lines, () => ({ DEVICES_DRIVER: 'redis', FLEXISIP_REDIS_URL: url() }));
    const key = `fs:${account.sip}`;
    await redis.client.hset(key, 'one', contactHeader({ updatedAt: Math.floor(Date.now() / 1000) }));
    const caller = started.withKey(account);
    expect(refusal(await caller.get('/api/accounts/me/devices'))).toBe('503 devices_unavailable');
    expect(refusal(await caller.delete('/api/accounts/me/devices/one'))).toBe('503 devices_unavailable');
    expect(await redis.client.hkeys(key)).toEqual(['one']);
    expect(logOf(started)).toMatch(reason);
    expect(logOf(started)).toContain('FLEXISIP_REDIS_URL: ');
  });

  it.each(CASES)(
    'because it %s holds no nonces, and nothing is written to database 0',
    async (_name, lines, reason) => {
      const started = await begin(lines, () => ({ NONCE_STORE: 'redis', RATE_LIMITS: 'on', REDIS_URL: url() }));
      expect(refusal(await started.withDigest(account).get('/api/accounts/me'))).toBe('503 nonces_unavailable');
      expect((await started.send({ path: '/health/ready' })).status).toBe(503);
      expect(await redis.client.keys('*')).toEqual([]);
      expect(logOf(started)).toMatch(reason);
      // Said once, although it is tried every second.
      const { client } = started.app.get<SharedRedis>(SHARED_REDIS);
      let connections = 0;
      client.on('ready', () => (connections += 1));
      await until(() => connections === 2);
      expect(logOf(started).match(/the shared Redis: /g)).toHaveLength(1);
    },
  );

  it('is used without a restart once the right is given', async () => {
    const started = await begin([USER], () => ({ NONCE_STORE: 'redis', DEVICES_DRIVER: 'redis', REDIS_URL: url() }));
    await redis.client.call('ACL', 'SETUSER', 'api', '+select');
    await until(async () => (await started.withDigest(account).get('/api/accounts/me')).status === 200);
    expect((await started.withKey(account).get('/api/accounts/me/devices')).status).toBe(200);
    expect(await redis.client.keys('*')).toEqual([]);
    await redis.client.select(5);
    expect(await redis.client.keys('flexisip-api:nonce:*')).not.toEqual([]);
  });

  it('because the password is wrong is not told as one without a password', async () => {
    const started = await begin(['user default off', `${USER} +select`], () => ({
      NONCE_STORE: 'redis',
      REDIS_URL: url().replace('redis-secret', 'wrong-secret'),
    }));
    expect(refusal(await started.withDigest(account).get('/api/accounts/me'))).toBe('503 nonces_unavailable');
    expect(logOf(started)).toContain('the shared Redis: WRONGPASS (user or password is wrong)');
    expect(logOf(started)).not.toContain('NOAUTH');
  });

  it('after a reconnection is not replaced by database 0', async () => {
    const started = await begin([`${USER} +select`], () => ({ NONCE_STORE: 'redis', REDIS_URL: url() }));
    expect((await started.withDigest(account).get('/api/accounts/me')).status).toBe(200);
    await redis.client.call('ACL', 'SETUSER', 'api', '-select');
    await redis.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(() => DENIED.test(logOf(started)));
    expect(refusal(await started.withDigest(account).get('/api/accounts/me'))).toBe('503 nonces_unavailable');
    expect(await redis.client.keys('*')).toEqual([]);
  });
});
