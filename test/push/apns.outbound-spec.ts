import { generateKeyPairSync } from 'node:crypto';
import { Api } from '../support/api.js';
import { FakeApns, type ReceivedPush } from '../support/external/fake-apns.js';
import { readJwt } from '../support/external/read-jwt.js';
import { askForToken, type Device, failuresIn, tokensOf } from '../support/external/push-devices.js';
import { BEHIND_PROXY, range } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const MINUTE = 60;

describe('PUSH_DRIVER=direct, for Apple', () => {
  let production: FakeApns;
  let sandbox: FakeApns;
  let api: Api;

  beforeAll(async () => {
    production = await new FakeApns().start();
    sandbox = await new FakeApns().start();
    api = await Api.start({
      real: ['push'],
      environment: {
        ...BEHIND_PROXY,
        PUSH_DRIVER: 'direct',
        APNS_KEY: PEM,
        APNS_KEY_ID: 'KEY1234567',
        APNS_TEAM_ID: 'TEAM123456',
        APNS_URL: production.url,
        APNS_DEV_URL: sandbox.url,
      },
    });
  });
  beforeEach(() => {
    for (const apns of [production, sandbox]) apns.reset();
    api.log.length = 0;
  });
  afterAll(async () => {
    await api.stop();
    await production.stop();
    await sandbox.stop();
  });

  let serial = 0;
  const hex = () => (++serial).toString(16).padStart(64, 'aB0');
  const device = (members: Partial<Device> = {}): Device => ({
    pn_provider: 'apns',
    pn_param: 'TEAM123456.org.linphone.phone.remote',
    pn_prid: hex(),
    ...members,
  });
  const ask = (of: Device = device()) => askForToken(api, of);
  const bearerOf = ({ headers }: ReceivedPush) => /^bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? 'no token';
  const claimsOf = (push: ReceivedPush) => readJwt(bearerOf(push), 'ES256', publicKey).claims;

  describe('a push', () => {
    it('is the request that Apple documents, with the token where the app reads it', async () => {
      const body = device();
      expect(await ask(body)).toMatchObject({ status: 200, text: '{}' });
      const [push, ...others] = production.received;
      expect(others).toEqual([]);
      expect(push?.headers).toMatchObject({
        ':method': 'POST',
        ':scheme': 'http',
        ':path': `/3/device/${body.pn_prid}`,
        ':authority': new URL(production.url).host,
        'apns-topic': 'org.linphone.phone',
        'apns-push-type': 'background',
        'apns-priority': '5',
      });
      const [token, ...more] = await tokensOf(api, body);
      expect(more).toEqual([]);
      expect(token).toMatch(/^[A-Za-z0-9]{13}$/);
      expect(JSON.parse(push?.body ?? '')).toEqual({ aps: { 'content-available': 1 }, customPayload: { token } });
    });

    it('is signed by the key of the settings, for the team of the settings, now', async () => {
      await ask();
      const { header, claims } = readJwt(bearerOf(production.last), 'ES256', publicKey);
      expect(header).toMatchObject({ alg: 'ES256', kid: 'KEY1234567' });
      expect(claims).toEqual({ iss: 'TEAM123456', iat: expect.any(Number) });
      expect(Number.isInteger(claims.iat)).toBe(true);
      expect(Math.abs(Number(claims.iat) - api.clock.now().getTime() / 1000)).toBeLessThan(MINUTE);
    });

    it('goes to the address of its provider, never to the other', async () => {
      const [one, other] = [device({ pn_provider: 'apns.dev' }), device()];
      await ask(one);
      expect([production.received.length, sandbox.received.length]).toEqual([0, 1]);
      await ask(other);
      expect([production.received.length, sandbox.received.length]).toEqual([1, 1]);
      expect(sandbox.last.headers[':path']).toBe(`/3/device/${one.pn_prid}`);
      expect(production.last.headers[':path']).toBe(`/3/device/${other.pn_prid}`);
    });

    it.each([
      ['TEAM123456.org.linphone.phone', '{one}', 'org.linphone.phone', '{one}'],
      ['TEAM123456.org.linphone.phone.voip', '{one}', 'org.linphone.phone.voip', '{one}'],
      ['TEAM123456.org.linphone.phone.remote&voip', '{one}:remote&{two}:voip', 'org.linphone.phone', '{one}'],
      ['TEAM123456.org.linphone.phone.voip&remote', '{one}:voip&{two}:remote', 'org.linphone.phone', '{two}'],
    ])('for %s and %s has the topic %s', async (param, prid, topic, token) => {
      const names: Record<string, string> = { '{one}': hex(), '{two}': hex() };
      const filled = (text: string) => text.replaceAll(/\{\w+\}/g, (name) => names[name] ?? name);
      expect((await ask(device({ pn_param: param, pn_prid: filled(prid) }))).status).toBe(200);
      expect(production.last.headers).toMatchObject({
        ':path': `/3/device/${filled(token)}`,
        'apns-topic': topic,
        'apns-push-type': 'background',
      });
    });

    it.each([
      { pn_param: 'my-project' },
      { pn_param: '.org.linphone.phone' },
      { pn_prid: 'f6y8_CVdQnY:APA91bHZcGcxaQ' },
      { pn_prid: '..' },
      { pn_prid: `${'a'.repeat(64)}:voip` },
    ])('with %j is no push for Apple: it is not asked, and no token is left', async (members) => {
      const body = device(members);
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(production.received).toEqual([]);
      expect(await tokensOf(api, body)).toEqual([]);
    });
  });

  describe('the authentication token', () => {
    it('is the same for many pushes, to both addresses', async () => {
      await ask();
      await ask();
      await ask(device({ pn_provider: 'apns.dev' }));
      const tokens = [...production.received, ...sandbox.received].map(bearerOf);
      expect(tokens).toHaveLength(3);
      expect(new Set(tokens).size).toBe(1);
    });

    it('is never older than an hour, and never renewed within 20 minutes, all day', async () => {
      const seen: { token: string; iat: number }[] = [];
      for (const _ of range(60)) {
        api.clock.advance(7 * MINUTE);
        expect((await ask()).status).toBe(200);
        const iat = Number(claimsOf(production.last).iat);
        const age = api.clock.now().getTime() / 1000 - iat;
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeLessThan(59 * MINUTE);
        seen.push({ token: bearerOf(production.last), iat });
      }
      const renewals = seen.filter(({ token }, index) => index > 0 && token !== seen[index - 1]?.token);
      expect(renewals.length).toBeGreaterThan(5);
      for (const [index, { iat }] of renewals.entries()) {
        expect(iat - (renewals[index - 1]?.iat ?? -Infinity)).toBeGreaterThanOrEqual(20 * MINUTE);
      }
    });

    it('is renewed after Apple has called it expired', async () => {
      await ask();
      api.clock.advance(21 * MINUTE);
      production.answersNext({ status: 403, reason: 'ExpiredProviderToken' });
      const body = device();
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(api, body)).toEqual([]);
      const expired = claimsOf(production.last);

      expect((await ask(body)).status).toBe(200);
      expect(Number(claimsOf(production.last).iat)).toBeGreaterThanOrEqual(Number(expired.iat) + 21 * MINUTE);
    });

    it('is not renewed for every push that Apple refuses: it would refuse all for too many new tokens', async () => {
      api.clock.advance(60 * MINUTE);
      production.answersAlways({ status: 403, reason: 'InvalidProviderToken' });
      for (const _ of range(3)) {
        api.clock.advance(MINUTE);
        expect(refusal(await ask())).toBe('503 push_not_delivered');
      }
      expect(new Set(production.received.map(bearerOf)).size).toBe(1);
    });
  });

  describe('a push that Apple refuses', () => {
    it.each([
      [410, 'Unregistered'],
      [400, 'BadDeviceToken'],
      [400, 'DeviceTokenNotForTopic'],
      [403, 'InvalidProviderToken'],
      [413, 'PayloadTooLarge'],
      [429, 'TooManyRequests'],
      [500, 'InternalServerError'],
      [503, 'ServiceUnavailable'],
    ])('with %i %s is 503 and leaves no token, and the log says why', async (status, reason) => {
      const body = device();
      production.answersNext({ status, reason });
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)).toEqual([
        expect.stringContaining(`Apple's push service ${production.url}: answered ${status} ${reason}`),
      ]);

      const { connections } = production;
      expect((await ask(body)).status).toBe(200);
      expect(production.connections).toBe(connections);
    });

    it.each([204, 301, 404])('with %i and no word is 503 too', async (status) => {
      production.answersNext({ status });
      const body = device();
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)[0]).toMatch(new RegExp(`answered ${status}$`));
    });

    it('is logged without the token, the authentication and the key', async () => {
      production.answersNext({ status: 410, reason: 'Unregistered' });
      await ask();
      const { token } = (JSON.parse(production.last.body) as { customPayload: { token: string } }).customPayload;
      const log = api.log.join('\n');
      expect(failuresIn(api)).toHaveLength(1);
      for (const secret of [token, bearerOf(production.last), PEM.split('\n')[1] ?? ''])
        expect(log).not.toContain(secret);
    });
  });
});
