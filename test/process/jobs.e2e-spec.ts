import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { sendRequest } from '../support/http.js';
import { APP_KEY } from '../support/settings.js';
import { until } from '../support/until.js';
import { freePort } from '../support/private-mariadb.js';
import { Service } from '../support/service.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

const JOBS = ['delivery-claim-purge', 'nonce-purge', 'panel-session-purge', 'sign-up-purge', 'token-purge'];

describe('Jobs', () => {
  let folder: string;
  let database: TestDatabase;
  let environment: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-jobs-'));
    database = await createDatabase();
    environment = { APP_KEY, ...database.environment };
  });
  afterAll(async () => {
    await database.remove();
    rmSync(folder, { recursive: true });
  });

  it('are none of a command, which boots the application too', async () => {
    await runCli(environment, 'accounts:create-admin', 'operator');
    const { code } = await runCli(environment, 'digest:clear-nonces', '10');
    expect(code).toBe(0);
    const api = await Api.start({ database });
    expect(await api.count('flexisip_api_jobs')).toBe(0);
    await api.stop();
  });

  it('run by themselves in one of several processes, and end with them', async () => {
    const metricsPort = await freePort();
    const service = await Service.start(
      {
        ...environment,
        LOG_LEVEL: 'debug',
        PORT: String(await freePort()),
        METRICS_PORT: String(metricsPort),
        WEB_CONCURRENCY: '3',
      },
      folder,
    );
    await service.until(/(Listening on[^]*){3}/);
    const ask = () =>
      sendRequest(`http://127.0.0.1:${metricsPort}`, { path: '/metrics', headers: { connection: 'close' } });
    const counts = (text: string) =>
      JOBS.map((name) =>
        Number(new RegExp(`^flexisip_api_job_runs_total{name="${name}",outcome="done"} (\\d+)$`, 'm').exec(text)?.[1]),
      );
    await until(async () => counts((await ask()).text).every((count) => count > 0));
    const { text } = await ask();
    expect(counts(text)).toEqual([1, 1, 1, 1, 1]);
    expect(text).not.toMatch(/^flexisip_api_job_runs_total{.*outcome="(failed|interrupted)"} [1-9]/m);
    await service.stop();
    expect(await service.exitCode()).toBe(0);
    for (const name of JOBS) expect(service.stdout.match(new RegExp(`The job ${name} was done`, 'g'))).toHaveLength(1);
  });
});
