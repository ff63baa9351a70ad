import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../support/cli.js';
import { closeConnections, type RawRequest, sendRequest } from '../support/http.js';
import { APP_KEY } from '../support/settings.js';
import { until } from '../support/until.js';
import { freePort } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { Service } from '../support/service.js';
import { createDatabase, isOnServer, type TestDatabase } from '../support/test-database.js';

describe.each([1, 2])('The operators’ port, with WEB_CONCURRENCY=%d', (processes) => {
  let folder: string;
  let database: TestDatabase;
  let service: Service;
  let origin: string;
  let operators: string;
  let key: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-metrics-'));
    database = await createDatabase();
    const [port, metricsPort] = [await freePort(), await freePort()];
    origin = `http://127.0.0.1:${port}`;
    operators = `http://127.0.0.1:${metricsPort}`;
    const environment = {
      APP_KEY,
      ...database.environment,
      RATE_LIMITS: 'off',
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      WEB_CONCURRENCY: String(processes),
    };
    const { stdout } = await runCli(environment, 'accounts:create-admin', 'operator', '--json');
    key = (JSON.parse(stdout) as { api_key: string }).api_key;
    service = await Service.start(environment, folder);
    await service.until(new RegExp(`(Listening on[^]*){${processes}}`));
  });
  afterAll(async () => {
    closeConnections();
    await service.stop();
    await database.remove();
    rmSync(folder, { recursive: true });
  });

  /** Sends a request on a connection of its own, so that any of the processes may get it. */
  const send = ({ headers, ...request }: RawRequest) =>
    sendRequest(origin, {
      ...request,
      headers: { connection: 'close', from: 'sip:operator@sip.example.org', ...headers },
    });
  const ask = (path: string, method = 'GET') =>
    sendRequest(operators, { method, path, headers: { connection: 'close' } });
  const samples = async () =>
    new Map(
      (await ask('/metrics')).text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))] as const),
    );
  const pings = async () =>
    (await samples()).get('flexisip_api_http_requests_total{method="GET",route="/api/ping",status="200"}') ?? 0;

  it('has the numbers of all processes in one', async () => {
    await Promise.all(range(40).map(() => send({ path: '/api/ping' })));
    await Promise.all(range(7).map(() => send({ path: '/api/accounts', headers: { 'x-api-key': key } })));
    await Promise.all(range(5).map(() => send({ path: '/api/accounts/me' })));
    await Promise.all(range(3).map(() => send({ path: '/api/accounts', headers: { 'x-api-key': 'wrong' } })));
    // A line of a request is counted when its answer has left.
    await until(async () => (await pings()) === 40);
    const found = await samples();
    expect(found.get('flexisip_api_http_requests_total{method="GET",route="/api/accounts",status="200"}')).toBe(7);
    expect(found.get('flexisip_api_http_request_duration_seconds_count{method="GET",route="/api/accounts"}')).toBe(10);
    expect(found.get('flexisip_api_challenges_total{cause="no_credentials"}')).toBe(5);
    expect(found.get('flexisip_api_refused_attempts_total{reason="wrong_key"}')).toBe(3);
    expect(found.get('flexisip_api_events_total{event="login.refused"}')).toBe(3);
    expect(found.get('flexisip_api_errors_total{code="credentials_invalid"}')).toBe(3);
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      expect(found.get(name)).toBeGreaterThan(0);
    }
    expect([...found.keys()].some((name) => name.startsWith('nodejs_gc_duration_seconds_bucket'))).toBe(true);
    const connections = [...found.keys()].filter((name) => name.startsWith('flexisip_api_database_connections'));
    expect(connections).toHaveLength(isOnServer ? 3 : 0);
  });

  it('tells of each process whether it is ready, and of what that depends', async () => {
    const answer = await ask('/health/ready');
    expect(answer).toMatchObject({
      status: 200,
      json: { status: 'ok' },
      headers: { 'content-type': 'application/json' },
    });
    const ids = processes === 1 ? [expect.any(Number)] : service.children();
    const { processes: found } = answer.json as { processes: { process: number }[] };
    expect(found.map((one) => one.process)).toEqual(expect.arrayContaining(ids));
    expect(found).toHaveLength(processes);
    for (const one of found) {
      expect(one).toMatchObject({
        status: 'ok',
        database: { driver: isOnServer ? 'mysql' : 'sqlite', status: 'ok', pendingMigrations: [] },
        neighbours: { mail: { adapter: 'log', lastCall: null }, devices: { adapter: 'none', lastCall: null } },
      });
    }
  });

  it('is none of the port that the world reaches', async () => {
    expect((await send({ path: '/metrics' })).status).toBe(404);
    expect((await send({ path: '/health/ready' })).json).toEqual({ status: 'ok' });
    expect((await ask('/api/ping')).status).toBe(404);
    expect(await ask('/metrics', 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await ask('/metrics', 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  it('is asked by targets in absolute form too', async () => {
    for (const path of ['/metrics', '/health/ready?x'])
      expect((await ask(`http://operators.example.org${path}`)).status).toBe(200);
    for (const target of ['http://operators.example.org', 'ftp://operators.example.org/metrics', '*']) {
      expect((await ask(target)).status).toBe(404);
    }
  });

  if (processes === 1) return;

  it('forgets nothing that a process has counted which has ended', async () => {
    const before = await pings();
    const [victim = 0] = service.children();
    process.kill(victim, 'SIGKILL');
    await service.until(/ended by SIGKILL/);
    expect(await pings()).toBe(before);
    await service.until(/(Listening on[^]*){3}/);
    await Promise.all(range(10).map(() => send({ path: '/api/ping' })));
    await until(async () => (await pings()) === before + 10);
    expect((await ask('/health/ready')).json.processes).toHaveLength(2);
  });
});
