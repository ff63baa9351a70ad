import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { JobRunner } from '../../src/jobs/job-runner.service.js';
import { Api } from '../support/api.js';
import { connectTo } from '../support/database-2021.js';
import { samplesOf } from '../support/metrics.js';
import { APP_KEY } from '../support/settings.js';
import { until } from '../support/until.js';
import { freePort } from '../support/private-mariadb.js';
import { Service } from '../support/service.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

const DB_TIMEOUT = 5;

/** Seconds of the longest lease: a run, the two waits of its last step, the clock difference, and rounding. */
const LONGEST_LEASE = 30 + 2 * DB_TIMEOUT + 5 + 1;

describe('A job whose process is killed', () => {
  let folder: string;
  let database: TestDatabase;
  let past: Connection;
  let service: Service | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-jobs-'));
    database = await createDatabase();
    // Creates the tables without a run of any job.
    await (await Api.start({ database })).stop();
    past = await connectTo(database);
  });
  afterAll(async () => {
    await service?.crash();
    await past.end();
    await database.remove();
    rmSync(folder, { recursive: true });
  });

  // The check of rights at start explains statements, which on MySQL waits for the locked table too.
  const isPurging = async () => {
    const [found] = await past.query(
      "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND info LIKE '%FROM nonces%' AND info NOT LIKE 'EXPLAIN%' AND id <> CONNECTION_ID()",
    );
    return (found as unknown[]).length > 0;
  };
  const row = async () => {
    const [[found]] = (await past.query(
      "SELECT holder, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), due) AS seconds FROM flexisip_api_jobs WHERE name = 'nonce-purge'",
    )) as unknown as [{ holder: string; seconds: number }[]];
    return found;
  };

  it('is run by another process as soon as its lease is over', async () => {
    const blocker = await connectTo(database);
    await blocker.query('LOCK TABLES nonces WRITE');
    const environment = {
      APP_KEY,
      ...database.environment,
      DB_TIMEOUT: String(DB_TIMEOUT),
      PORT: String(await freePort()),
    };
    service = await Service.start(environment, folder);
    await until(isPurging);
    await service.crash();
    service = undefined;
    await blocker.query('UNLOCK TABLES');
    await blocker.end();
    await until(async () => !(await isPurging()));

    const left = await row();
    expect(left?.holder).not.toBe('');
    expect(left?.seconds).toBeLessThanOrEqual(LONGEST_LEASE);
    const api = await Api.start({ database });
    const runs = async () =>
      (await samplesOf(api, 'flexisip_api_job_runs_total'))['name="nonce-purge",outcome="done"'] ?? 0;
    await api.app.get(JobRunner).runDue();
    expect(await runs()).toBe(0);
    // Moves the due time back, as if that much time had passed.
    await past.query("UPDATE flexisip_api_jobs SET due = due - INTERVAL ? SECOND WHERE name = 'nonce-purge'", [
      LONGEST_LEASE,
    ]);
    await api.app.get(JobRunner).runDue();
    expect(await runs()).toBe(1);
    expect((await row())?.holder).toBe('');
    await api.stop();
  });
});
