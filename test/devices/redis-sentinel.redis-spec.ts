import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { contactHeader } from '../support/external/contact-header.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { sentinelOf } from '../support/external/redis-set.js';
import { refusal } from '../support/refusal.js';

const PATH = '/api/accounts/me/devices';
/** Milliseconds within which a call is over whose external service has one second. */
const SOON = 5_000;
/** Milliseconds that a failover may take. */
const PATIENCE = 15_000;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!(await isSo())) if (performance.now() > deadline) throw new Error('it does not become so');
}

describe('A registrar in the Redis that Sentinels name', () => {
  let api: Api;
  let account: GivenAccount;
  let started: PrivateRedis[] = [];

  afterEach(async () => {
    await api?.stop();
    for (const redis of started) await redis.stop();
    started = [];
  });

  const keep = (redis: PrivateRedis) => {
    started.push(redis);
    return redis;
  };
  const list = () => api.withKey(account).get(PATH);
  const remove = (uuid: string) => api.withKey(account).delete(`${PATH}/${uuid}`);

  async function begin(environment: Record<string, string>): Promise<void> {
    const all = { RATE_LIMITS: 'off', NEIGHBOUR_TIMEOUT: '1', DEVICES_DRIVER: 'redis', ...environment };
    api = await Api.start({ environment: all, real: ['devices'] });
    account = await api.given.account();
  }

  const register = async (master: PrivateRedis, ...ids: string[]) => {
    for (const id of ids)
      await master.client.hset(`fs:${account.sip}`, id, contactHeader({ updatedAt: Math.floor(Date.now() / 1000) }));
  };

  it('is the one that any of them can name, with the credentials and the database of the URL, whose host does not count', async () => {
    const master = keep(
      await PrivateRedis.start({ lines: ['user default off', 'user api on >p@ss/word ~fs:* &* +@all'] }),
    );
    const sentinel = keep(await sentinelOf(master, 'proxies'));
    await sentinel.client.call(
      'SENTINEL',
      'SET',
      'proxies',
      'auth-user',
      'tester',
      'auth-pass',
      'password-of-the-tests',
    );
    await master.client.select(2);
    await begin({
      FLEXISIP_REDIS_URL: 'redis://api:p%40ss%2Fword@nowhere.invalid/2',
      FLEXISIP_REDIS_SENTINELS: `127.0.0.1:1,127.0.0.1:${sentinel.port}`,
      FLEXISIP_REDIS_MASTER: 'proxies',
    });
    await register(master, 'one');
    await until(async () => (await list()).status === 200);
    expect(Object.keys((await list()).json)).toEqual(['one']);
    expect((await remove('one')).status).toBe(200);
    expect(await master.client.exists(`fs:${account.sip}`)).toBe(0);
  });

  it('is the new master after a failover, where registrations are removed too', async () => {
    const first = keep(await PrivateRedis.start());
    const second = keep(await PrivateRedis.start({ lines: [`replicaof 127.0.0.1 ${first.port}`] }));
    await until(async () => (await second.client.info('replication')).includes('master_link_status:up'));
    const sentinel = keep(await sentinelOf(first, 'mymaster'));
    await begin({ REDIS_URL: 'redis://unused', REDIS_SENTINELS: `127.0.0.1:${sentinel.port}` });
    await register(first, 'one', 'two');
    await first.client.wait(1, PATIENCE);
    expect((await remove('one')).status).toBe(200);
    await until(async () =>
      String(await sentinel.client.call('SENTINEL', 'REPLICAS', 'mymaster')).includes(String(second.port)),
    );

    await sentinel.client.call('SENTINEL', 'FAILOVER', 'mymaster');
    await until(async () => (await second.client.info('replication')).includes('role:master'));
    // Until it is told, the old master still takes what it will forget.
    await until(async () => (await first.client.info('replication')).includes('role:slave'));
    await until(async () => (await remove('two')).status === 200);
    expect(await second.client.exists(`fs:${account.sip}`)).toBe(0);
  }, 60_000);

  it('is 503 in time while no Sentinel answers, and served when one is back', async () => {
    const master = keep(await PrivateRedis.start());
    const sentinel = keep(await sentinelOf(master, 'mymaster'));
    await sentinel.crash();
    await begin({ REDIS_URL: 'redis://unused', REDIS_SENTINELS: `127.0.0.1:${sentinel.port}` });
    await register(master, 'one');
    for (const call of [list, () => remove('one')]) {
      const start = performance.now();
      expect(refusal(await call())).toBe('503 devices_unavailable');
      expect(performance.now() - start).toBeLessThan(SOON);
    }
    await sentinel.comeBack();
    await until(async () => (await list()).status === 200);
    expect(Object.keys((await list()).json)).toEqual(['one']);
  });

  it('is 503 in time while the Sentinels know no such master', async () => {
    const master = keep(await PrivateRedis.start());
    const sentinel = keep(await sentinelOf(master, 'mymaster'));
    await begin({
      REDIS_URL: 'redis://unused',
      REDIS_SENTINELS: `127.0.0.1:${sentinel.port}`,
      REDIS_MASTER: 'another',
    });
    const start = performance.now();
    expect(refusal(await list())).toBe('503 devices_unavailable');
    expect(performance.now() - start).toBeLessThan(SOON);
    expect(api.log.join('')).toContain(`the SIP proxy's Redis: REDIS_MASTER: the Sentinels know no \\"another\\"`);
  });

  it('is 503 while the Sentinels refuse the password, which the log says without it', async () => {
    const master = keep(await PrivateRedis.start());
    const sentinel = keep(await sentinelOf(master, 'mymaster'));
    const password = { REDIS_SENTINEL_PASSWORD: 'wrong-secret' };
    await sentinel.client.call('ACL', 'SETUSER', 'default', 'resetpass', '>right-secret');
    await begin({ REDIS_URL: 'redis://unused', REDIS_SENTINELS: `127.0.0.1:${sentinel.port}`, ...password });
    expect(refusal(await list())).toBe('503 devices_unavailable');
    expect(api.log.join('')).toContain(
      "the SIP proxy's Redis: REDIS_SENTINEL_PASSWORD: a Sentinel refuses it (WRONGPASS)",
    );
    expect(api.log.join('')).not.toMatch(/(wrong|right)-secret/);
  });

  it('is spoken to by TLS where the URL says rediss, and REDIS_TLS_CA vouches for it', async () => {
    const master = keep(await PrivateRedis.start({ isTls: true }));
    const sentinel = keep(await sentinelOf(master, 'mymaster', ['tls-replication yes', ...master.tlsLines]));
    await begin({
      REDIS_URL: 'rediss://unused',
      REDIS_SENTINELS: `127.0.0.1:${sentinel.port}`,
      REDIS_TLS_CA: master.ca,
    });
    await register(master, 'one');
    const answer = await list();
    expect(api.log.filter((line) => line.includes('registrar does not answer'))).toEqual([]);
    expect(Object.keys(answer.json)).toEqual(['one']);
  });
});
