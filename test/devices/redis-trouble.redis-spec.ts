import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { contactHeader } from '../support/external/contact-header.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { Relay } from '../support/external/relay.js';
import { range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const PATH = '/api/accounts/me/devices';
/** Milliseconds within which a call is over whose external service has one second. */
const SOON = 5_000;
/** What docs/devices.md says a user needs, and no more. */
const ENOUGH = '~fs:* &* -@all +select +hlen +hgetall +hdel +publish +multi +exec';

const now = () => Math.floor(Date.now() / 1000);

async function startApi(environment: Record<string, string>): Promise<Api> {
  return Api.start({
    environment: { RATE_LIMITS: 'off', NEIGHBOUR_TIMEOUT: '1', DEVICES_DRIVER: 'redis', ...environment },
    real: ['devices'],
  });
}

const list = (api: Api, account: GivenAccount) => api.withKey(account).get(PATH);
const remove = (api: Api, account: GivenAccount) => api.withKey(account).delete(`${PATH}/one`);

/** Asks until it is answered: how long a connection takes to come back is not the subject. */
async function untilServed(api: Api, account: GivenAccount): Promise<void> {
  const deadline = performance.now() + 20_000;
  while ((await list(api, account)).status !== 200)
    if (performance.now() > deadline) throw new Error('the registrar does not come back');
}

describe('A registrar in Redis', () => {
  let redis: PrivateRedis;
  let api: Api;
  let account: GivenAccount;

  async function begin(environment: Record<string, string>): Promise<void> {
    api = await startApi(environment);
    account = await api.given.account();
    await redis.client.hset(`fs:${account.sip}`, 'one', contactHeader({ updatedAt: now() }));
    api.log.length = 0;
  }

  describe('that comes and goes', () => {
    beforeAll(async () => {
      redis = await PrivateRedis.start();
      await begin({ REDIS_URL: redis.url });
    });
    afterAll(async () => {
      await api?.stop();
      await redis.stop();
    });
    beforeEach(async () => {
      await redis.client.hset(`fs:${account.sip}`, 'one', contactHeader({ updatedAt: now() }));
      api.log.length = 0;
    });
    afterEach(() => redis.thaw());

    it('is 503 at once while it is down, says why, and is served again when it is back', async () => {
      expect((await list(api, account)).status).toBe(200);
      await redis.crash();
      const start = performance.now();
      expect(tally(await Promise.all(range(20).map(() => list(api, account))))).toEqual({
        '503 devices_unavailable': 20,
      });
      expect(performance.now() - start).toBeLessThan(SOON);
      expect(refusal(await remove(api, account))).toBe('503 devices_unavailable');
      expect(api.log.join('')).toMatch(/the SIP proxy's Redis: .*ECONNREFUSED/);
      await redis.comeBack();
      await untilServed(api, account);
    });

    it('is served over a new connection when the old one was cut', async () => {
      await untilServed(api, account);
      await redis.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await untilServed(api, account);
    });

    it('is 503 in time while it hangs, and is served again when it goes on', async () => {
      await untilServed(api, account);
      redis.freeze();
      const start = performance.now();
      expect(tally(await Promise.all(range(20).map(() => list(api, account))))).toEqual({
        '503 devices_unavailable': 20,
      });
      expect(refusal(await remove(api, account))).toBe('503 devices_unavailable');
      expect(performance.now() - start).toBeLessThan(SOON);
      redis.thaw();
      await untilServed(api, account);
    });

    it('is named in the log while it hangs', async () => {
      await untilServed(api, account);
      redis.freeze();
      await list(api, account);
      redis.thaw();
      await untilServed(api, account);
      expect(api.log.join('')).toMatch(/the SIP proxy's Redis: did not answer in time/);
    });

    it('holds nothing for the calls that were given up', async () => {
      const sockets: Socket[] = [];
      const see = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
      await redis.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      subscribe('net.client.socket', see);
      await untilServed(api, account);
      unsubscribe('net.client.socket', see);
      const toRedis = sockets.findLast(({ remotePort }) => remotePort === redis.port);
      const before = toRedis?.listenerCount('close') ?? 0;
      redis.freeze();
      await Promise.all(range(20).map(() => list(api, account)));
      expect((toRedis?.listenerCount('close') ?? Infinity) - before).toBeLessThan(5);
      redis.thaw();
      await untilServed(api, account);
    });

    it('leaves other routes their speed while it hangs', async () => {
      redis.freeze();
      let isOver = false;
      const waiting = Promise.all(range(20).map(() => list(api, account))).finally(() => (isOver = true));
      expect((await api.withKey(account).get('/api/accounts/me')).status).toBe(200);
      expect(isOver).toBe(false);
      await waiting;
      redis.thaw();
      await untilServed(api, account);
    });

    it('keeps one connection, however often it was lost', async () => {
      for (const _ of range(5)) {
        await redis.client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await untilServed(api, account);
      }
      const clients = String(await redis.client.call('CLIENT', 'LIST', 'TYPE', 'normal'));
      expect(clients.trim().split('\n')).toHaveLength(2);
    });
  });

  describe('that wants credentials', () => {
    const PASSWORD = 'p@ss:w/rd?#%41';
    const url = (user: string, password: string) =>
      redis.url.replace('//', `//${encodeURIComponent(user)}:${encodeURIComponent(password)}@`) + '/3';

    beforeAll(async () => {
      redis = await PrivateRedis.start({
        lines: [
          `user default on >${PASSWORD}-of-all ~* &* +@all`,
          `user api on >${PASSWORD} ${ENOUGH}`,
          `user deaf on >${PASSWORD} ${ENOUGH.replace('&*', 'resetchannels')}`,
          `user reader on >${PASSWORD} ~fs:* &* -@all +info +select +hlen +hgetall`,
          `user stranger on >${PASSWORD} ~other:* &* +@all`,
        ],
      });
      await redis.client.select(3);
    });
    afterEach(() => api?.stop());
    afterAll(() => redis.stop());

    it.each([
      ['the password of everybody', '', `${PASSWORD}-of-all`],
      ['a user who may do just what is needed', 'api', PASSWORD],
    ])('is served by %s, in the database of the URL', async (_name, user, password) => {
      await begin({ REDIS_URL: url(user, password) });
      expect(Object.keys((await list(api, account)).json)).toEqual(['one']);
      expect((await remove(api, account)).status).toBe(200);
      expect(await redis.client.exists(`fs:${account.sip}`)).toBe(0);
    });

    it.each([
      ['the wrong password', 'api', 'Wrong-Password-1', /WRONGPASS/],
      ['a user who is not known', 'nobody', PASSWORD, /WRONGPASS/],
      ['no password', '', '', /NOAUTH/],
      ['a user who may not read this key', 'stranger', PASSWORD, /NOPERM/],
    ])('is 503 with %s, and the log says why without the password', async (_name, user, password, reason) => {
      await begin({ REDIS_URL: user || password ? url(user, password) : `${redis.url}/3` });
      for (const _ of range(3)) expect(refusal(await list(api, account))).toBe('503 devices_unavailable');
      expect(api.log.join('')).toMatch(reason);
      if (password) expect(api.log.join('')).not.toContain(password);
    });

    it.each([
      ['publish', 'deaf'],
      ['remove', 'reader'],
    ])('removes nothing where it may not %s, and says so with 503', async (_name, user) => {
      await begin({ REDIS_URL: url(user, PASSWORD) });
      expect((await list(api, account)).status).toBe(200);
      expect(refusal(await remove(api, account))).toBe('503 devices_unavailable');
      expect(await redis.client.hkeys(`fs:${account.sip}`)).toEqual(['one']);
    });

    it('is FLEXISIP_REDIS_URL where both are given', async () => {
      await begin({ REDIS_URL: 'redis://127.0.0.1:1', FLEXISIP_REDIS_URL: url('api', PASSWORD) });
      expect((await list(api, account)).status).toBe(200);
    });
  });

  describe('that speaks TLS', () => {
    beforeAll(async () => {
      redis = await PrivateRedis.start({ isTls: true, lines: ['user default on nopass ~* &* +@all'] });
    });
    afterEach(() => api?.stop());
    afterAll(() => redis.stop());

    it('is served where REDIS_TLS_CA vouches for it', async () => {
      await begin({ REDIS_URL: redis.url, REDIS_TLS_CA: redis.ca });
      expect(Object.keys((await list(api, account)).json)).toEqual(['one']);
      expect((await remove(api, account)).status).toBe(200);
    });

    it('is 503 where nobody vouches for it', async () => {
      await begin({ REDIS_URL: redis.url });
      expect(refusal(await list(api, account))).toBe('503 devices_unavailable');
      expect(api.log.join('')).toMatch(/the SIP proxy's Redis: .*self.signed.cert/i);
    });

    it('is 503 where the certificate is for another host', async () => {
      await begin({ REDIS_URL: redis.url.replace('127.0.0.1', 'localhost'), REDIS_TLS_CA: redis.ca });
      expect(refusal(await list(api, account))).toBe('503 devices_unavailable');
      expect(api.log.join('')).toMatch(/the SIP proxy's Redis: .*(ALTNAME_INVALID|altnames)/);
    });

    it('is 503 where it is spoken to without', async () => {
      await begin({ REDIS_URL: redis.url.replace('rediss', 'redis'), REDIS_TLS_CA: '' });
      expect(refusal(await list(api, account))).toBe('503 devices_unavailable');
    });
  });

  it('is served over a new connection when the old one went dead without an end', async () => {
    redis = await PrivateRedis.start();
    const relay = await Relay.start(redis.port);
    try {
      await begin({ REDIS_URL: `redis://127.0.0.1:${relay.port}` });
      expect((await list(api, account)).status).toBe(200);
      relay.goDead();
      expect(refusal(await remove(api, account))).toBe('503 devices_unavailable');
      await untilServed(api, account);
      // What was given up does not happen later.
      expect(Object.keys((await list(api, account)).json)).toEqual(['one']);
    } finally {
      await api.stop();
      await relay.stop();
      await redis.stop();
    }
  });

  it('that speaks no TLS is spoken to without, although an authority is known for others', async () => {
    const other = await PrivateRedis.start({ isTls: true });
    redis = await PrivateRedis.start();
    await begin({ REDIS_URL: other.url, FLEXISIP_REDIS_URL: redis.url, REDIS_TLS_CA: other.ca });
    const answer = await list(api, account);
    await api.stop();
    await Promise.all([redis.stop(), other.stop()]);
    expect(answer.status).toBe(200);
  });
});
