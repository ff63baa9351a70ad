import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendRequest } from '../support/http.js';
import { freePort } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { Service } from '../support/service.js';

jest.setTimeout(60_000);

const PING = 'GET /api/ping HTTP/1.1\r\nHost: x\r\n\r\n';

describe.each([1, 2])('The service behind a load balancer, as WEB_CONCURRENCY=%d', (processes) => {
  let folder: string;
  let service: Service;
  let port: number;
  let operators: string;

  async function start(environment: Record<string, string>): Promise<void> {
    port = await freePort();
    const metricsPort = String(await freePort());
    operators = `http://127.0.0.1:${metricsPort}`;
    const ports = { PORT: String(port), METRICS_PORT: metricsPort, WEB_CONCURRENCY: String(processes) };
    service = await Service.start({ DB_DATABASE: 'a.sqlite', RATE_LIMITS: 'off', ...ports, ...environment }, folder);
    await service.until(new RegExp(`(Listening on[^]*){${processes}}`));
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-drain-'));
  });
  afterEach(async () => {
    await service.crash();
    rmSync(folder, { recursive: true });
  });

  /** On a connection of its own, so that any of the processes may get it. */
  const ask = (path: string) => sendRequest(`http://127.0.0.1:${port}`, { path, headers: { connection: 'close' } });
  const seconds = (begin: number) => (performance.now() - begin) / 1000;

  /** A connection that asks for a ping, as often as wanted. */
  async function connected(): Promise<{ socket: Socket; ping: () => Promise<string> }> {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    const ping = async () => {
      socket.write(PING);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString();
    };
    return { socket, ping };
  }

  it('is not ready from the signal on, takes calls for DRAIN_DELAY, each the last on its connection, and ends with 0', async () => {
    await start({ DRAIN_DELAY: '4' });
    const kept = await connected();
    expect(await kept.ping()).toMatch(/keep-alive/i);
    const begin = performance.now();
    const ended = service.stop();
    await service.until(new RegExp(`(SIGTERM: no longer ready; stopping in 4 s[^]*){${processes}}`));
    for (const answer of await Promise.all(range(6).map(() => ask('/health/ready')))) {
      expect(answer).toMatchObject({ status: 503, json: { status: 'unavailable' }, headers: { connection: 'close' } });
    }
    const details = await sendRequest(operators, { path: '/health/ready', headers: { connection: 'close' } });
    expect(details).toMatchObject({
      status: 503,
      json: { processes: range(processes).map(() => ({ status: 'unavailable', stopping: true })) },
    });
    expect((await ask('/health/live')).status).toBe(200);
    const closed = once(kept.socket, 'close');
    expect(await kept.ping()).toMatch(/^HTTP\/1\.1 200 [^]*connection: close/i);
    await closed;
    expect((await connected()).socket.destroyed).toBe(false);
    expect(await (await connected()).ping()).toMatch(/^HTTP\/1\.1 200 [^]*connection: close/i);
    await ended;
    expect(seconds(begin)).toBeGreaterThan(4);
    expect(await service.exitCode()).toBe(0);
    expect(service.stderr).toBe('');
  });

  it('ends at once by a second signal, and not by the same one that comes twice', async () => {
    await start({ DRAIN_DELAY: '60' });
    const begin = performance.now();
    service.signal('SIGINT');
    service.signal('SIGTERM');
    await service.until(new RegExp(`(no longer ready[^]*){${processes}}`));
    expect((await ask('/api/ping')).status).toBe(200);
    // Later than whatever sends one signal twice.
    while (seconds(begin) < 1) await ask('/api/ping');
    await service.stop('SIGINT');
    expect(seconds(begin)).toBeLessThan(20);
    expect(await service.exitCode()).toBe(1);
    expect(service.stdout).toContain('SIGINT again: exiting immediately');
    expect(await isRefused(port)).toBe(true);
  });

  it('keeps an unused connection for KEEP_ALIVE_TIMEOUT, longer than the headers of a request may take', async () => {
    await start({ KEEP_ALIVE_TIMEOUT: '3', REQUEST_TIMEOUT: '3' });
    const { socket, ping } = await connected();
    expect(await ping()).toMatch(/keep-alive: timeout=3/i);
    // The headers of a request must arrive within one second, and the next request begins later than that.
    await once(socket.setTimeout(2_000), 'timeout');
    socket.setTimeout(0);
    expect(await ping()).toMatch(/^HTTP\/1\.1 200 /);
    const begin = performance.now();
    await once(socket.resume(), 'close');
    expect(seconds(begin)).toBeGreaterThan(2.5);
    expect(seconds(begin)).toBeLessThan(10);
  });
});

/** Whether nothing listens there. */
async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const outcome = await once(socket, 'connect').then(
    () => false,
    () => true,
  );
  socket.destroy();
  return outcome;
}
