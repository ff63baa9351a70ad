import { Api } from '../support/api.js';
import * as adapters from '../support/external/services-under-test.js';
import * as calls from '../support/external/dependent-calls.js';
import { CLOSED, FULL, GOOD, HOST, resolveTo } from '../support/external/two-addresses.js';
import { FullListener } from '../support/external/full-listener.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { sentinelOf } from '../support/external/redis-set.js';
import { until } from '../support/until.js';
import { BEHIND_PROXY } from '../support/public-routes.js';

/** Seconds for a call, and for a connection. Each address has a third of it. */
const TIMEOUT = 6;
/** Milliseconds before the slow address answers. A Linux client retries after a second. */
const SLOW = 500;

/** Settings that lead to an external service by the host and its port. */
function byHost(
  environment: Record<string, string>,
  name: string,
): { environment: Record<string, string>; port: number } {
  const port = Number(environment.MAIL_PORT ?? /:(\d+)(\/|$)/.exec(environment[name] ?? '')?.[1]);
  return { environment: { ...environment, [name]: (environment[name] ?? '').replace(GOOD, HOST) }, port };
}

const CASES = [
  { name: 'fetch', border: 'sms', start: adapters.httpGateway, variable: 'SMS_HTTP_URL', call: calls.newPhone },
  { name: 'HTTP/2', border: 'push', start: adapters.apns, variable: 'APNS_URL', call: calls.tokenFor('apns') },
  { name: 'SMTP', border: 'mail', start: adapters.smtp, variable: 'MAIL_HOST', call: calls.newEmail },
  { name: 'Redis', border: 'devices', start: adapters.redis, variable: 'FLEXISIP_REDIS_URL', call: calls.listDevices },
] as const;

describe('A host with two addresses', () => {
  let lookup: jest.SpyInstance | undefined;
  let listener: FullListener | undefined;
  let api: Api | undefined;

  afterEach(async () => {
    await api?.stop();
    await listener?.stop();
    lookup?.mockRestore();
    [api, listener, lookup] = [undefined, undefined, undefined];
  });

  describe.each(CASES)('by $name', ({ border, start, variable, call }) => {
    let service: adapters.ExternalService;

    beforeEach(async () => {
      service = await start();
      await service.recover();
    });
    afterEach(() => service.stop());

    async function attempt(addresses: readonly string[], isSlow: boolean) {
      const { environment, port } = byHost(service.environment, variable);
      listener = await FullListener.start(FULL, port);
      lookup = resolveTo(addresses);
      api = await Api.start({
        environment: { ...BEHIND_PROXY, NEIGHBOUR_TIMEOUT: String(TIMEOUT), ...environment },
        real: [border],
      });
      const prepared = await call.prepare(api);
      if (isSlow) setTimeout(() => listener?.answer(), SLOW);
      const begin = performance.now();
      const { status } = await prepared.call();
      return { status, seconds: (performance.now() - begin) / 1000 };
    }

    it('is reached by the first that is slow, where the second cannot be reached at all', async () => {
      expect((await attempt([FULL, CLOSED], true)).status).toBe(200);
    });

    it('is reached by the second, where the first never answers, within the time of one call', async () => {
      const { status, seconds } = await attempt([FULL, GOOD], false);
      expect(status).toBe(200);
      expect(seconds).toBeGreaterThan(TIMEOUT / 3 - 0.1);
      expect(seconds).toBeLessThan(TIMEOUT);
    });
  });

  it('is that of a Sentinel: the first is one that never answers, where the second does', async () => {
    const redis = await PrivateRedis.start({ lines: ['user default on nopass ~* &* +@all'] });
    const sentinel = await sentinelOf(redis, 'mymaster');
    try {
      listener = await FullListener.start(FULL, sentinel.port);
      lookup = resolveTo([FULL, GOOD]);
      const sentinels = {
        FLEXISIP_REDIS_URL: 'redis://sentinels',
        FLEXISIP_REDIS_SENTINELS: `${HOST}:${sentinel.port}`,
      };
      const environment = {
        ...BEHIND_PROXY,
        NEIGHBOUR_TIMEOUT: String(TIMEOUT),
        DEVICES_DRIVER: 'redis',
        ...sentinels,
      };
      api = await Api.start({ environment, real: ['devices'] });
      const prepared = await calls.listDevices.prepare(api);
      expect((await prepared.call()).status).toBe(200);
    } finally {
      await sentinel.stop();
      await redis.stop();
    }
  });

  it.each([
    ['slow, where the second cannot be reached', [FULL, CLOSED], true],
    ['one that never answers, where the second does', [FULL, GOOD], false],
  ] as const)('is that of the shared Redis: the first is %s', async (_name, addresses, isSlow) => {
    const redis = await PrivateRedis.start();
    try {
      listener = await FullListener.start(FULL, redis.port);
      lookup = resolveTo(addresses);
      if (isSlow) setTimeout(() => listener?.answer(), SLOW);
      const url = redis.url.replace(GOOD, HOST);
      api = await Api.start({
        environment: { NONCE_STORE: 'redis', REDIS_URL: url, NEIGHBOUR_TIMEOUT: String(TIMEOUT) },
      });
      const alice = await api.given.account();
      api.clock.advance(5);
      await until(async () => (await api?.withDigest(alice).get('/api/accounts/me'))?.status === 200);
    } finally {
      await redis.stop();
    }
  });
});
