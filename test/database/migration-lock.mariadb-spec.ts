import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Connection } from 'mysql2/promise';
import { migrations } from '../../src/database/migrations/index.js';
import { CLI, runCli } from '../support/cli.js';
import { connectTo, fill2021 } from '../support/database-2021.js';
import { APP_KEY } from '../support/settings.js';
import { until, untilInnodb } from '../support/until.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

const NAMES = migrations.map(({ name }) => name);

/** Seconds within which another process takes over from a dead one: the time of the lock, and a margin. */
const MOST = 90;

/** A wait for a row continues after the client is gone; a wait for a table does not. */
const WAITING_FOR_ROW = `SELECT id FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id
   WHERE db = DATABASE() AND trx_state = 'LOCK WAIT'`;
const WAITING_FOR_TABLE =
  "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND state LIKE 'Waiting for table metadata lock%'";

jest.setTimeout(240_000);

describe('The lock on migrations of a process that is gone', () => {
  let database: TestDatabase;
  let environment: Record<string, string>;
  let other: Connection;
  let reader: Connection;

  beforeEach(async () => {
    database = await createDatabase();
    environment = { APP_KEY, ...database.environment };
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    other = await connectTo(database);
    reader = await connectTo(database);
  });
  afterEach(async () => {
    await reader.end();
    await other.end();
    await database.remove();
  });

  const rowsOf = async (statement: string): Promise<Record<string, unknown>[]> =>
    (await other.query(statement))[0] as never;
  const lockRows = () => rowsOf('SELECT * FROM flexisip_api_migration_lock');

  /** Starts `migrate`, which cannot end soon, and waits until one of its statements waits for a lock of `reader`. */
  async function migrateUntil(sessions: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [CLI, 'migrate'], {
      env: { PATH: process.env.PATH, ...environment },
      cwd: '/',
      stdio: 'pipe',
    });
    await untilInnodb(async () => (await rowsOf(sessions)).length > 0, { seconds: MOST });
    return child;
  }

  async function expectMigratedOnce(): Promise<void> {
    const names = (await rowsOf('SELECT name FROM flexisip_api_migrations ORDER BY timestamp')).map(({ name }) => name);
    expect(names).toEqual(NAMES);
    expect(await lockRows()).toEqual([]);
  }

  it('is renewed while that works, ends after a kill, and leaves the statement behind that still runs', async () => {
    await other.query('CREATE TABLE busy (id int PRIMARY KEY, n int NOT NULL)');
    await other.query('INSERT INTO busy VALUES (1, 0)');
    await other.query('CREATE TRIGGER slow BEFORE UPDATE ON accounts FOR EACH ROW UPDATE busy SET n = n + 1');
    await reader.query('START TRANSACTION');
    await reader.query('SELECT * FROM busy FOR UPDATE');
    const child = await migrateUntil(WAITING_FOR_ROW);
    const [before] = await lockRows();
    expect(before).toMatchObject({ holder: expect.stringContaining(`process ${child.pid} on `) as string });
    await until(async () => Number((await lockRows())[0]?.renewals) >= 2, { seconds: MOST });
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const overFor = async (seconds: number) =>
      (
        await rowsOf(
          `SELECT 1 FROM flexisip_api_migration_lock WHERE expires < UTC_TIMESTAMP() - INTERVAL ${seconds} SECOND`,
        )
      ).length > 0;
    await until(() => overFor(0), { seconds: MOST });
    const waiting = runCli(environment, 'migrate', '--json');
    // Long enough for another process to take over, if the statement of the killed process did not still run.
    await until(() => overFor(18), { seconds: MOST });
    expect((await lockRows())[0]).toMatchObject({ lease: before?.lease });
    await reader.query('COMMIT');
    const { code, stderr, stdout } = await waiting;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`(process ${child.pid} on `) as string,
    });
    expect((JSON.parse(stdout) as { ran: string[] }).ran).toEqual(
      NAMES.slice(NAMES.indexOf('AccountPhone1767225606000')),
    );
    await expectMigratedOnce();
  });

  it('is lost to one that was stopped for longer, which does nothing more', async () => {
    await reader.query('START TRANSACTION');
    await reader.query('SELECT * FROM accounts LIMIT 1');
    const child = await migrateUntil(WAITING_FOR_TABLE);
    child.kill('SIGSTOP');
    while (!/^\d+ \(.*\) T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))) continue;
    await reader.query('COMMIT');
    const { code, stdout } = await runCli(environment, 'migrate', '--json');
    expect({ code, ran: (JSON.parse(stdout) as { ran: string[] }).ran }).toEqual({ code: 0, ran: NAMES.slice(1) });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    expect(await ended).toEqual([1, null]);
    expect(stderr).toMatch(/^The lock on migrations was not renewed for 20 seconds, and another process has ended it/);
    await expectMigratedOnce();
  });
});
