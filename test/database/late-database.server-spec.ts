import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, runNode, SERVICE } from '../support/cli.js';
import { connectTo, fill2021 } from '../support/database-2021.js';
import { closeConnections, sendRequest } from '../support/http.js';
import { freePort, type PrivateServer } from '../support/private-server.js';
import { APP_KEY } from '../support/settings.js';
import { timed, untilServed } from '../support/timed-calls.js';
import { Service } from '../support/service.js';
import { startServer } from '../support/start-server.js';
import { createOnServer, type TestDatabase } from '../support/test-database.js';

describe('A service whose database is not there yet', () => {
  let folder: string;
  let server: PrivateServer;
  let database: TestDatabase;
  let origin: string;
  let service: Service | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-late-'));
    server = await startServer();
  });
  beforeEach(async () => {
    database = await createOnServer(server.access);
  });
  afterEach(async () => {
    server.thaw();
    await service?.stop();
    service = undefined;
    closeConnections();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const environment = (changed: Record<string, string> = {}) => ({
    ...database.environment,
    APP_KEY,
    DB_TIMEOUT: '2',
    ...changed,
  });
  const start = async (changed: Record<string, string> = {}) => {
    const port = String(await freePort());
    origin = `http://127.0.0.1:${port}`;
    service = await Service.start(environment({ PORT: port, ...changed }), folder);
    return service;
  };
  const get = (path: string, headers: Record<string, string> = {}) => sendRequest(origin, { path, headers });
  const post = (path: string, body: object) =>
    sendRequest(origin, {
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const DEVICE = { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'device' };

  const expectWaiting = async () => {
    expect(await get('/api/ping')).toMatchObject({ status: 200, text: 'pong' });
    expect(await get('/health/live')).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect(await get('/health/ready')).toMatchObject({
      status: 503,
      json: { status: 'unavailable' },
      headers: { 'cache-control': 'no-store' },
    });
    const calls = [
      () => get('/api/accounts/nobody@sip.example.org/info'),
      () => get('/api/accounts/me', { from: 'sip:nobody@sip.example.org' }),
      () => get('/api/accounts', { from: 'sip:nobody@sip.example.org', 'x-api-key': 'key' }),
      () => post('/api/tokens', DEVICE),
      () =>
        post('/api/accounts/with-token', {
          username: 'newcomer',
          password: 'secret words',
          algorithm: 'MD5',
          token: 'token',
        }),
    ];
    for (const { answer, seconds } of await Promise.all(calls.map(timed))) {
      expect(answer).toMatchObject({
        status: 503,
        json: { code: 'database_unavailable' },
        headers: { 'retry-after': '5' },
      });
      expect(seconds).toBeLessThan(10);
    }
    const page = await timed(() => get('/account/email/1/secret'));
    expect(page.answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5', 'content-type': 'text/html; charset=utf-8' },
    });
    expect(page.answer.text).toContain('The service is temporarily unavailable.');
    expect(page.seconds).toBeLessThan(10);
  };

  it('waits for it, says so, and works as soon as it is there, without another start', async () => {
    await server.crash();
    const waiting = await start();
    await waiting.until(/The database is not available: connect ECONNREFUSED .*Next attempt in 0\.25 s/);
    await expectWaiting();
    await waiting.until(/Next attempt in 2 s/);
    expect(waiting.stdout).not.toMatch(/"level":50/);

    await server.comeBack();
    const { answer, seconds } = await untilServed(() => get('/health/ready'));
    expect(answer).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect(seconds).toBeLessThan(30);
    expect(waiting.stdout).toContain('The database is ready');
    expect((await get('/api/accounts/nobody@sip.example.org/info')).status).toBe(404);
    expect((await post('/api/tokens', DEVICE)).status).toBe(200);
  });

  it('waits for one that takes the connection and says nothing, as while it starts', async () => {
    server.freeze();
    const waiting = await start();
    await waiting.until(/The database is not available: connect ETIMEDOUT/);
    await expectWaiting();
    server.thaw();
    expect((await untilServed(() => get('/health/ready'))).seconds).toBeLessThan(30);
  });

  it('waits for a host that has no address yet', async () => {
    await (await start({ DB_HOST: 'database.invalid' })).until(/The database is not available: getaddrinfo/);
    await expectWaiting();
  });

  it('waits where the connection is cut again and again', async () => {
    const cutting: Server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(cutting, 'listening');
    await (
      await start({ DB_PORT: String((cutting.address() as AddressInfo).port) })
    ).until(/The database is not available/);
    await expectWaiting();
    cutting.close();
  });

  const secondsToStop = async (running: Service): Promise<number> => {
    const begin = performance.now();
    await running.stop();
    return (performance.now() - begin) / 1000;
  };

  it('ends at SIGTERM while it waits', async () => {
    await server.crash();
    expect(await secondsToStop(await start())).toBeLessThan(5);
    await server.comeBack();
  });

  it('ends at SIGTERM while the database does not answer any more', async () => {
    const running = await start();
    await Promise.all(Array.from({ length: 5 }, () => get('/api/accounts/nobody@sip.example.org/info')));
    server.freeze();
    expect((await get('/api/accounts/nobody@sip.example.org/info')).status).toBe(503);
    closeConnections();
    expect(await secondsToStop(running)).toBeLessThan(5);
  });

  describe('what an operator must mend', () => {
    const mistakes: { name: string; changed: Record<string, string>; says: RegExp; given?: () => Promise<void> }[] = [
      {
        name: 'a wrong password',
        changed: { DB_PASSWORD: 'wrong' },
        says: /^The database is not available: Access denied for user/,
      },
      {
        name: 'an unknown database',
        changed: { DB_DATABASE: 'nowhere' },
        says: /^The database is not available: Unknown database 'nowhere'/,
      },
      { name: 'a schema that is behind', changed: { DB_MIGRATE: 'false' }, says: /^The database schema is behind: / },
      {
        name: 'rows in the way',
        changed: {},
        says: /alice/,
        given: async () => {
          await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
          const connection = await connectTo(database);
          await connection.query(
            "INSERT INTO accounts (username, domain, ip_address, user_agent, creation_time) SELECT username, domain, '', '', NOW() FROM accounts WHERE id = 1",
          );
          await connection.end();
        },
      },
    ];

    it.each(mistakes)('$name ends it at once, with one message', async ({ changed, says, given }) => {
      await given?.();
      const { code, stderr } = await runNode([SERVICE], environment(changed));
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(says) as string });
      expect(stderr).not.toMatch(/^ +at /m);
    });

    it.each(mistakes)('$name ends it when that shows after it has waited', async ({ changed, says, given }) => {
      await given?.();
      await server.crash();
      const waiting = await start(changed);
      await waiting.until(/The database is not available/);
      await server.comeBack();
      expect(await waiting.exitCode()).toBe(1);
      expect(waiting.stderr).toMatch(says);
      expect(waiting.stderr).not.toMatch(/^ +at /m);
      service = undefined;
    });
  });

  it('ends several processes too by what an operator must mend', async () => {
    await server.crash();
    const waiting = await start({ DB_PASSWORD: 'wrong', WEB_CONCURRENCY: '2' });
    await waiting.until(/(Listening on[^]*){2}/);
    await server.comeBack();
    expect(await waiting.exitCode()).toBe(1);
    expect(waiting.stderr).toMatch(/Access denied for user/);
    service = undefined;
  });

  it('is nothing a command waits for', async () => {
    const nowhere = environment({ DB_PORT: String(await freePort()) });
    for (const command of [['accounts:create-admin', 'operator'], ['migrate'], ['migrate:status']]) {
      const { code, stderr } = await runCli(nowhere, ...command);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/^The database is not available: connect ECONNREFUSED/) as string,
      });
    }
  });
});
