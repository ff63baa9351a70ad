import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { MIGRATIONS_TABLE } from './connection-options.js';
import { dialectOf, isBusy } from './dialect.js';
import { findMissingRights, findObstacles, type Obstacles, refuseObstacles, requireFitTables } from './obstacles.js';
import { dropIndex, hasIndex, OWN_INDEX } from './schema-inspection.js';
import { withoutTimeLimit } from './time-allowance.js';

/** How long a process waits, in seconds, for another one that is migrating the same database. */
const LOCK_WAIT = 600;

/** The same, without telling: others that start at the same time are soon done. */
const SHORT_WAIT = 2;

const WAITING = `Another process writes to the database or migrates it; waiting for it, up to ${LOCK_WAIT} s.`;

/** Is told, in a sentence, that another process is waited for. */
type TellWait = (sentence: string) => void;

/** The schema is behind what this version needs, and the settings forbid to migrate at start. */
export class SchemaBehind extends Error {
  constructor(pending: readonly string[]) {
    super(
      `The database schema is behind: ${pending.join(', ')} ${pending.length === 1 ? 'is' : 'are'} pending.\n` +
        'Run `npm run cli -- migrate`, or set DB_MIGRATE=true.',
    );
  }
}

/** Another process holds the lock for too long. */
export class MigrationLocked extends Error {
  constructor() {
    super(`Another process has been migrating the database for ${LOCK_WAIT} seconds. Nothing was changed; see what hangs.`);
  }
}

/** Names of the migrations that have not run, oldest first. Changes nothing. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  return (await new MigrationExecutor(dataSource).getPendingMigrations()).map(({ name }) => name);
}

/** What is in the way of the pending migrations, or of the service where there are none. Changes nothing. */
export async function obstacles(dataSource: DataSource): Promise<Obstacles> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await findObstacles(await new MigrationExecutor(dataSource, queryRunner).getPendingMigrations(), queryRunner);
  } finally {
    await queryRunner.release();
  }
}

/** The rights that the pending migrations need and the user of the database has not. */
export async function missingForMigrations(dataSource: DataSource): Promise<string[]> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await findMissingRights(await new MigrationExecutor(dataSource, queryRunner).getPendingMigrations(), queryRunner);
  } finally {
    await queryRunner.release();
  }
}

/**
 * Runs the pending migrations, under a lock: of processes that start at the same time one migrates and the others
 * wait and find nothing to do.
 *
 * @param tellWait called when another process has the lock, which may take long.
 * @returns the names of the migrations that ran.
 * @throws TablesUnfit, DatabaseRefuses, RowsInTheWay before anything is changed, if something prevents one of the pending migrations;
 *   TablesUnfit also where none is pending; MigrationLocked.
 */
export function migrate(dataSource: DataSource, tellWait: TellWait = () => {}): Promise<string[]> {
  return withoutTimeLimit(() => migrateLocked(dataSource, tellWait));
}

function migrateLocked(dataSource: DataSource, tellWait: TellWait): Promise<string[]> {
  return withExecutor(dataSource, tellWait, async (executor, queryRunner) => {
    refuseObstacles(await findObstacles(await executor.getPendingMigrations(), queryRunner), tellWait);
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  });
}

/**
 * Makes sure, where nothing may be migrated, that the service can work with the tables as they are.
 *
 * @param tell is told, in a sentence, what had better be mended.
 * @throws TablesUnfit, SchemaBehind.
 */
export async function requireSchema(dataSource: DataSource, tell: (sentence: string) => void): Promise<void> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  await requireFitTables(dataSource, pending, tell);
  if (pending.length > 0) throw new SchemaBehind(pending.map(({ name }) => name));
}

/** Names of the migrations that have run and can be taken back, newest first. Changes nothing. */
export function revertibleMigrations(dataSource: DataSource): Promise<string[]> {
  return newestFirst(new MigrationExecutor(dataSource));
}

/**
 * Takes back what the migrations added to the tables of Flexisip, under the same lock: the way back to the server of 2021.
 * No row of those tables is lost, but what only the additions held is.
 *
 * @param tellWait as of {@link migrate}.
 * @returns the names of the migrations that were taken back.
 * @throws MigrationLocked.
 */
export function revert(dataSource: DataSource, tellWait: TellWait): Promise<string[]> {
  return withoutTimeLimit(() =>
    withExecutor(dataSource, tellWait, async (executor, queryRunner) => {
      const names = await newestFirst(executor);
      for (const _ of names) await executor.undoLastMigration();
      await forgetOrigin(queryRunner);
      return names;
    }),
  );
}

/**
 * Removes what tells that this service has made the database, or since when it has been there: what the old server does
 * from now on would be taken for ours (`UnconfirmedAccountsService`). Also when nothing is left to take back: a revert
 * that was interrupted is finished so.
 */
async function forgetOrigin(queryRunner: QueryRunner): Promise<void> {
  if (dialectOf(queryRunner.dataSource) === 'mysql' && (await hasIndex(queryRunner, 'aliases', OWN_INDEX))) {
    // The foreign key needs an index; this is the name that the database would give it.
    const usual = 'aliases_account_id_foreign';
    if (!(await hasIndex(queryRunner, 'aliases', usual))) await queryRunner.query(`CREATE INDEX ${usual} ON aliases (account_id)`);
    await dropIndex(queryRunner, 'aliases', OWN_INDEX);
  }
  if (await queryRunner.hasTable(MIGRATIONS_TABLE)) await queryRunner.query(`DROP TABLE ${MIGRATIONS_TABLE}`);
}

async function newestFirst(executor: MigrationExecutor): Promise<string[]> {
  const executed = await executor.getExecutedMigrations();
  return executed.toSorted((one, other) => other.timestamp - one.timestamp).map(({ name }) => name);
}

async function withExecutor<T>(
  dataSource: DataSource,
  tellWait: TellWait,
  work: (executor: MigrationExecutor, queryRunner: QueryRunner) => Promise<T>,
): Promise<T> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await locked(queryRunner, tellWait, () => {
      const executor = new MigrationExecutor(dataSource, queryRunner);
      // MySQL commits with every change of the schema: a transaction would only pretend. Each migration can be resumed.
      executor.transaction = 'none';
      return work(executor, queryRunner);
    });
  } finally {
    await queryRunner.release();
  }
}

function locked<T>(queryRunner: QueryRunner, tellWait: TellWait, work: () => Promise<T>): Promise<T> {
  return (dialectOf(queryRunner.dataSource) === 'sqlite' ? lockedOnSqlite : lockedOnMysql)(queryRunner, tellWait, work);
}

async function lockedOnMysql<T>(queryRunner: QueryRunner, tellWait: TellWait, work: () => Promise<T>): Promise<T> {
  const lock = "CONCAT('flexisip_api_migrations.', LEFT(SHA2(DATABASE(), 256), 32))";
  const take = async (seconds: number): Promise<boolean> => {
    const [{ taken }]: [{ taken: number | null }] = await queryRunner.query(`SELECT GET_LOCK(${lock}, ${seconds}) AS taken`);
    return Number(taken) === 1;
  };
  if (!(await take(SHORT_WAIT))) {
    tellWait(WAITING);
    if (!(await take(LOCK_WAIT))) throw new MigrationLocked();
  }
  try {
    // The row locks of a busy service are waited for as well: half a migration helps nobody.
    await queryRunner.query(`SET @usual_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = ${LOCK_WAIT}`);
    return await work();
  } finally {
    await queryRunner.query('SET innodb_lock_wait_timeout = @usual_lock_wait');
    await queryRunner.query(`SELECT RELEASE_LOCK(${lock})`);
  }
}

/** SQLite can take back a change of the schema: the write lock of one transaction serves both purposes. */
async function lockedOnSqlite<T>(queryRunner: QueryRunner, tellWait: TellWait, work: () => Promise<T>): Promise<T> {
  const take = async (seconds: number): Promise<boolean> => {
    await queryRunner.query(`PRAGMA busy_timeout = ${seconds * 1000}`);
    return queryRunner.query('BEGIN IMMEDIATE').then(() => true, rejectUnlessBusy);
  };
  try {
    if (!(await take(SHORT_WAIT))) {
      tellWait(WAITING);
      if (!(await take(LOCK_WAIT))) throw new MigrationLocked();
    }
    return await committed(queryRunner, work);
  } finally {
    await queryRunner.query('PRAGMA busy_timeout = 5000');
  }
}

function rejectUnlessBusy(error: unknown): false {
  if (!isBusy(error)) throw error;
  return false;
}

async function committed<T>(queryRunner: QueryRunner, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await queryRunner.query('COMMIT');
    return result;
  } catch (error) {
    await queryRunner.query('ROLLBACK');
    throw error;
  }
}
