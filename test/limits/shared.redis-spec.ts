import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, closeConnections, sendRequest } from '../support/http.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { freePort } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';
import { Service } from '../support/service.js';
import { newAddress, TOO_MANY } from './callers.js';

/** What README and docs/limits.md tell operators to allow. */
const USER =
  'user limits on >limits-password resetkeys ~flexisip-api:* resetchannels -@all +get +set +del +incrby +expire +pttl +multi +exec +eval +evalsha';

describe('The limits of two processes with one Redis', () => {
  let folder: string;
  let redis: PrivateRedis;
  let services: Service[];
  let origins: string[];
  let admin: { from: string; key: string };
  let serial = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-limits-'));
    redis = await PrivateRedis.start({ lines: [USER] });
    services = [];
    origins = [];
    for (const _ of range(2)) {
      const port = String(await freePort());
      const url = redis.url.replace('//', '//limits:limits-password@');
      const environment = { PORT: port, TRUST_PROXY: '127.0.0.1', DB_DATABASE: 'shared.sqlite', REDIS_URL: url };
      services.push(await Service.start(environment, folder));
      origins.push(`http://127.0.0.1:${port}`);
    }
    const [, sip = '', key = ''] = /SIP address +sip:(\S+)[^]*API key +(\S+)/.exec(services[0]?.stdout ?? '') ?? [];
    admin = { from: `sip:${sip.replace('sip:', '')}`, key };
  });
  afterAll(async () => {
    closeConnections();
    redis.thaw();
    for (const service of services) await service.stop();
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  const send = (process: number, path: string, address: string, headers = {}, body?: object): Promise<Answer> => {
    const type = body ? { 'content-type': 'application/json' } : undefined;
    return sendRequest(origins[process % 2] ?? '', {
      method: body ? 'POST' : 'GET',
      path,
      headers: { 'x-forwarded-for': address, ...type, ...headers },
      body: body && JSON.stringify(body),
    });
  };
  const unknownAddress = () => `nobody${(serial += 1)}@sip.example.org`;
  const activate = (process: number, sip: string) =>
    send(process, `/api/accounts/${sip}/activate/email`, newAddress(), {}, { code: '0000' });
  const login = (process: number, address: string, key = admin.key) =>
    send(process, '/api/accounts/me', address, { from: admin.from, 'x-api-key': key });

  it('count requests together', async () => {
    const address = newAddress();
    const left: unknown[] = [];
    for (const process of range(4))
      left.push((await send(process, '/api/ping', address)).headers['x-ratelimit-remaining']);
    expect(left).toEqual(['599', '598', '597', '596']);
  });

  it('judge ten guesses of a code, one after the other', async () => {
    const sip = unknownAddress();
    for (const process of range(10)) expect(refusal(await activate(process, sip))).toBe('404 activation_code_wrong');
    for (const process of range(2)) expect(refusal(await activate(process, sip))).toBe(TOO_MANY);
  });

  it('judge ten guesses of a code of 60 that come at once', async () => {
    const sip = unknownAddress();
    const answers = await Promise.all(range(60).map((process) => activate(process, sip)));
    expect(tally(answers)).toEqual({ '404 activation_code_wrong': 10, [TOO_MANY]: 50 });
  });

  it('judge 30 wrong keys from one address', async () => {
    const address = newAddress();
    for (const process of range(30))
      expect(refusal(await login(process, address, 'wrong'))).toBe('401 credentials_invalid');
    for (const process of range(2)) expect(refusal(await login(process, address))).toBe(TOO_MANY);
  });

  it('know every address that has proven the account to one of them', async () => {
    const [home, office] = [newAddress(), newAddress()];
    expect((await login(0, home)).status).toBe(200);
    expect((await login(1, office)).status).toBe(200);
    for (const index of range(100)) await login(index, `198.51.100.${Math.floor(index / 25)}`, 'wrong');
    expect(refusal(await login(0, newAddress()))).toBe(TOO_MANY);
    expect((await login(1, home)).status).toBe(200);
    expect((await login(0, office)).status).toBe(200);
  });

  describe.each([
    ['gone', () => redis.crash(), () => redis.comeBack()],
    ['silent', async () => redis.freeze(), async () => redis.thaw()],
  ])('while it is %s', (_name, fail, recover) => {
    it('go on within each process, but for those that guard codes and money, and are shared again afterwards', async () => {
      await fail();
      try {
        const address = newAddress();
        const started = performance.now();
        expect((await send(0, '/api/ping', address)).headers['x-ratelimit-remaining']).toBe('599');
        expect(performance.now() - started).toBeLessThan(5_000);
        expect((await send(0, '/api/ping', address)).headers['x-ratelimit-remaining']).toBe('598');
        expect((await send(1, '/api/ping', address)).headers['x-ratelimit-remaining']).toBe('599');
        expect((await login(0, newAddress())).status).toBe(200);
        const answer = await activate(0, unknownAddress());
        expect(refusal(answer)).toBe('503 limits_unavailable');
        expect(answer.headers['retry-after']).toBe('5');
      } finally {
        await recover();
      }
      for (const service of services)
        await service.until(/the shared Redis answers again(?![^]*until it answers again)/);
      const sip = unknownAddress();
      for (const process of range(10)) expect(refusal(await activate(process, sip))).toBe('404 activation_code_wrong');
      expect(refusal(await activate(0, sip))).toBe(TOO_MANY);
    });
  });

  it('say in the log what is wrong, once each time, and no password', () => {
    for (const { stdout } of services) {
      expect(stdout.match(/the shared Redis: \w+/g)).toHaveLength(2);
      expect(stdout).not.toContain('limits-password');
    }
  });
});
