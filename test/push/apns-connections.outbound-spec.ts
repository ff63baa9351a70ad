import { generateKeyPairSync } from 'node:crypto';
import { constants } from 'node:http2';
import { Api } from '../support/api.js';
import { FakeApns } from '../support/external/fake-apns.js';
import { askForToken, type Device, failuresIn, tokensOf } from '../support/external/push-devices.js';
import { until } from '../support/until.js';
import { BEHIND_PROXY, range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const APPLE = {
  PUSH_DRIVER: 'direct',
  APNS_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  APNS_KEY_ID: 'KEY1234567',
  APNS_TEAM_ID: 'TEAM123456',
};

describe('The connection to Apple', () => {
  let apns: FakeApns;
  let api: Api;

  const start = (service: FakeApns) =>
    Api.start({
      real: ['push'],
      environment: { ...BEHIND_PROXY, ...APPLE, APNS_URL: service.url, NEIGHBOUR_TIMEOUT: '2' },
    });

  beforeAll(async () => {
    apns = await new FakeApns().start();
    api = await start(apns);
  });
  beforeEach(() => {
    apns.reset();
    api.log.length = 0;
  });
  afterAll(async () => {
    await api.stop();
    await apns.stop();
  });

  let serial = 0;
  const device = (): Device => ({
    pn_provider: 'apns',
    pn_param: 'TEAM123456.org.linphone.phone',
    pn_prid: (++serial).toString(16).padStart(64, 'c'),
  });
  const ask = (of: Device = device()) => askForToken(api, of);

  it('serves all pushes, twenty at once included', async () => {
    expect((await ask()).status).toBe(200);
    const { connections } = apns;
    apns.answersAlways('hold');
    const answers = Promise.all(range(20).map(() => ask()));
    await until(() => apns.held.length === 20);
    apns.release();
    expect(tally(await answers)).toEqual({ '200': 20 });
    expect(apns.connections).toBe(connections);
    expect(apns.openConnections).toBe(1);
  });

  it('carries one push for twenty calls at once for a device', async () => {
    const body = device();
    expect(tally(await Promise.all(range(20).map(() => ask(body))))).toEqual({
      '200': 1,
      '403 token_already_sent': 19,
    });
    expect(apns.received).toHaveLength(1);
    expect(await tokensOf(api, body)).toHaveLength(1);
  });

  describe('is replaced for the next push', () => {
    /** Sends a push on a connection of its own, and says how to tell which connection that was. */
    const warmUp = async () => {
      expect((await ask()).status).toBe(200);
      return apns.last.connection;
    };
    const expectNewConnectionAfter = async (connection: number) => {
      apns.answersAlways({ status: 200 });
      expect((await ask()).status).toBe(200);
      expect(apns.last.connection).toBe(connection + 1);
      await until(() => apns.openConnections === 1);
    };

    it('after Apple has said GOAWAY while it was idle', async () => {
      const connection = await warmUp();
      apns.goAway();
      await until(() => apns.openConnections === 0);
      await expectNewConnectionAfter(connection);
    });

    it('after Apple has said GOAWAY while a push was under way, which still arrives', async () => {
      const connection = await warmUp();
      apns.answersNext('hold');
      const body = device();
      const answer = ask(body);
      await until(() => apns.held.length === 1);
      apns.goAway();
      // Whole exchanges with the same process: what Apple has said before is read by then.
      for (const _ of range(3)) await api.anonymous().get('/api/ping');
      const next = await ask();
      expect(next.status).toBe(200);
      expect(apns.last.connection).toBe(connection + 1);
      apns.release();
      expect((await answer).status).toBe(200);
      expect(await tokensOf(api, body)).toHaveLength(1);
      await until(() => apns.openConnections === 1);
    });

    it('after Apple has said GOAWAY for a reason', async () => {
      const connection = await warmUp();
      apns.goAway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      await until(() => apns.openConnections === 0);
      await expectNewConnectionAfter(connection);
    });

    it('after Apple has hung up', async () => {
      const connection = await warmUp();
      await apns.hangUp();
      await expectNewConnectionAfter(connection);
    });

    it('after it was cut, and what was under way is 503 at once and leaves no token', async () => {
      const connection = await warmUp();
      apns.answersAlways('hold');
      const bodies = range(5).map(device);
      const answers = Promise.all(bodies.map(ask));
      await until(() => apns.held.length === 5);
      apns.cut();
      expect(tally(await answers)).toEqual({ '503 push_not_delivered': 5 });
      for (const body of bodies) expect(await tokensOf(api, body)).toEqual([]);
      for (const failure of failuresIn(api)) {
        expect(failure).toContain(`Apple's push service ${apns.url}: `);
        expect(failure).not.toContain('in time');
      }
      apns.held.length = 0;
      await expectNewConnectionAfter(connection);
    });

    it('after it gave no answer in time, and is closed then', async () => {
      const connection = await warmUp();
      apns.answersNext('hold');
      const body = device();
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)).toEqual([
        expect.stringContaining(`Apple's push service ${apns.url}: did not answer in time`),
      ]);
      await until(() => apns.openConnections === 0);
      apns.held.length = 0;
      await expectNewConnectionAfter(connection);
    });
  });

  it('goes on for the others when one push is broken off', async () => {
    expect((await ask()).status).toBe(200);
    apns.answersAlways('hold');
    const answers = [ask(), ask()];
    await until(() => apns.held.length === 2);
    apns.held.splice(0, 1)[0]?.close(constants.NGHTTP2_INTERNAL_ERROR);
    expect(refusal(await Promise.race(answers))).toBe('503 push_not_delivered');
    apns.release();
    expect(tally(await Promise.all(answers))).toEqual({ '200': 1, '503 push_not_delivered': 1 });
  });

  it('carries a push again that Apple refuses to begin with, which is sure not to have arrived', async () => {
    expect((await ask()).status).toBe(200);
    apns.answersNext('refuse');
    expect((await ask()).status).toBe(200);
    expect(apns.received).toHaveLength(3);
  });

  it('is closed when the service ends', async () => {
    const other = await new FakeApns().start();
    const service = await start(other);
    expect((await askForToken(service, device())).status).toBe(200);
    expect(other.openConnections).toBe(1);
    await service.stop();
    await until(() => other.openConnections === 0);
    await other.stop();
  });

  it('carries no more at once than Apple allows, from its first moment on', async () => {
    // A connection with an authentication token is allowed one push at first.
    const strict = await new FakeApns(1).start();
    const service = await start(strict);
    const answers = await Promise.all(range(20).map(() => askForToken(service, device())));
    await service.stop();
    await strict.stop();
    expect(tally(answers)).toEqual({ '200': 20 });
  });
});
