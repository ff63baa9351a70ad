import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../support/cli.js';
import { DigestClient } from '../support/digest-client.js';
import { type Answer, closeConnections, type RawRequest, ME, sendRequest } from '../support/http.js';
import { APP_KEY } from '../support/settings.js';
import { until } from '../support/until.js';
import { freePort } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { Service } from '../support/service.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

/** An SMS gateway that takes as long as a test wants. */
class SlowGateway {
  readonly waiting: ServerResponse[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      request.resume().on('end', () => {
        this.waiting.push(response);
        this.server.emit('waiting');
      });
    }).listen(0, '127.0.0.1');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/?to={phone}&text={message}`;
  }

  /** Waits until somebody waits here. */
  async busy(): Promise<void> {
    if (this.waiting.length === 0) await once(this.server, 'waiting');
  }

  answer(): void {
    for (const response of this.waiting.splice(0)) response.end('{}');
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

describe.each([1, 3])('The service, as WEB_CONCURRENCY=%d', (processes) => {
  let folder: string;
  let database: TestDatabase;
  let gateway: SlowGateway;
  let service: Service;
  let origin: string;
  let admin: { sip: string; username: string; password: string; key: string };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-stopping-'));
    database = await createDatabase();
    gateway = new SlowGateway();
    const port = String(await freePort());
    origin = `http://127.0.0.1:${port}`;
    const environment = {
      APP_KEY,
      ...database.environment,
      SMS_DRIVER: 'http',
      SMS_HTTP_URL: gateway.url,
      RATE_LIMITS: 'off',
      PORT: port,
      WEB_CONCURRENCY: String(processes),
    };
    const { stdout } = await runCli(environment, 'accounts:create-admin', 'operator');
    const [, sip = '', password = '', key = ''] =
      /SIP address +sip:(\S+)[^]*Password +(\S+)[^]*API key +(\S+)/.exec(stdout) ?? [];
    admin = { sip, username: 'operator', password, key };
    service = await Service.start(environment, folder);
    await service.until(new RegExp(`(Listening on[^]*){${processes}}`));
  });
  afterEach(async () => {
    closeConnections();
    gateway.stop();
    await service.crash();
    await database.remove();
    rmSync(folder, { recursive: true });
  });

  /** Sends a request on a connection of its own, so that any of the processes may get it. */
  const send = (request: RawRequest): Promise<Answer> =>
    sendRequest(origin, { ...request, headers: { connection: 'close', from: `sip:${admin.sip}`, ...request.headers } });
  /** Whether a connection can be opened. */
  const isLetIn = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1')
        .on('error', () => resolve(false))
        .on('connect', () => {
          socket.destroy();
          resolve(true);
        });
    });
  const requestPhone = (phone: string) =>
    sendRequest(origin, {
      method: 'POST',
      path: `${ME}/phone/request`,
      headers: { from: `sip:${admin.sip}`, 'x-api-key': admin.key, 'content-type': 'application/json' },
      body: JSON.stringify({ phone }),
    });

  it('answers what is under way when it is told to stop, takes nothing more, and ends with 0', async () => {
    const underWay = requestPhone('+33612345678');
    await gateway.busy();
    const idle = connect(Number(new URL(origin).port), '127.0.0.1');
    await once(idle, 'connect');
    const ended = service.stop();
    await service.until(new RegExp(`(SIGTERM: stopping[^]*){${processes}}`));
    // Who has connected before is let in.
    while (await isLetIn()) continue;
    gateway.answer();
    const answer = await underWay;
    expect(answer).toMatchObject({ status: 200, text: '{}', headers: { connection: 'close' } });
    await ended;
    expect(await service.exitCode()).toBe(0);
    expect(service.stderr).toBe('');
    idle.destroy();
  });

  it('takes one of 40 copies of a Digest call, whoever gets them', async () => {
    const client = await DigestClient.start({ send }, { ...admin, from: `sip:${admin.sip}` });
    for (const _ of range(3)) {
      const authorization = client.authorize();
      const answers = await Promise.all(range(40).map(() => send({ path: ME, headers: { authorization } })));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(39);
    }
  });
});

// Processes are started and ended, several at a time.
jest.setTimeout(90_000);

describe('Several processes', () => {
  it('are complete again soon after one of them has crashed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-processes-'));
    const port = String(await freePort());
    const service = await Service.start(
      { PORT: port, WEB_CONCURRENCY: '2', DB_DATABASE: 'a.sqlite', LOG_LEVEL: 'debug' },
      folder,
    );
    await service.until(/(Listening on[^]*){2}/);
    const [victim] = service.children();
    process.kill(victim ?? 0, 'SIGKILL');
    await service.until(/ended by SIGKILL; starting a replacement/);
    expect(
      (await sendRequest(`http://127.0.0.1:${port}`, { path: '/api/ping', headers: { connection: 'close' } })).text,
    ).toBe('pong');
    await service.until(/(Listening on[^]*){3}/);
    expect(service.stdout.match(/A first administrator was created/g)).toHaveLength(1);
    await service.stop();
    expect(await service.exitCode()).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('end by %s also just after all of them have crashed', async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-processes-'));
    const [port, metricsPort] = [String(await freePort()), String(await freePort())];
    const service = await Service.start(
      { PORT: port, METRICS_PORT: metricsPort, WEB_CONCURRENCY: '2', DB_DATABASE: 'a.sqlite' },
      folder,
    );
    await service.until(/(Listening on[^]*){2}/);
    for (const worker of service.children()) process.kill(worker, 'SIGKILL');
    await service.until(/(ended by SIGKILL; starting a replacement[^]*){2}/);
    await service.stop(signal);
    expect(await service.exitCode()).toBe(0);
    rmSync(folder, { recursive: true });
  });

  describe.each([
    ['without METRICS_PORT', false],
    ['with METRICS_PORT', true],
  ])('that are starting, %s,', (_name, hasMetrics) => {
    let folder: string;
    let environment: Record<string, string>;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'flexisip-api-processes-'));
      environment = { PORT: String(await freePort()), WEB_CONCURRENCY: '2', DB_DATABASE: 'a.sqlite' };
      if (hasMetrics) environment.METRICS_PORT = String(await freePort());
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('end with 0 when they are told to stop, the first too', async () => {
      const service = Service.spawn(environment, folder);
      await until(() => service.children().length === 1);
      await service.stop();
      expect(await service.exitCode()).toBe(0);
    });

    it('end with 0 when they are told to stop, one that takes the place of another too', async () => {
      const service = await Service.start(environment, folder);
      await service.until(/(Listening on[^]*){2}/);
      const [victim = 0, survivor = 0] = service.children();
      process.kill(victim, 'SIGKILL');
      await until(() => service.children().some((child) => child !== victim && child !== survivor));
      await service.stop();
      expect(await service.exitCode()).toBe(0);
    });
  });
});
