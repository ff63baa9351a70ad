import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { MIGRATIONS_TABLE } from './connection-options.js';
import { dialectOf } from './dialect.js';
import { inWords } from './migration-names.js';
import { MIGRATION_LOCK_TABLE } from './migration-lease.js';
import { migrationLockHolder, type Tell, underMigrationLock } from './migration-lock.js';
import { findMissingRights, findObstacles, type Obstacles, refuseObstacles, requireFitTables } from './obstacles.js';
import { dropIndex, hasIndex, OWN_INDEX } from './schema-inspection.js';
import { withoutTimeLimit } from './time-allowance.js';

/** The schema is behind what this version needs, and the settings forbid to migrate at start. */
export class SchemaBehind extends Error {
  constructor(pending: readonly string[]) {
    super(
      `The database schema is behind: ${pending.map(inWords).join(', ')} ${pending.length === 1 ? 'is' : 'are'} pending.\n` +
        'Run `npm run cli -- migrate`, or set DB_MIGRATE=true.',
    );
  }
}

/** Names of the migrations that have not run, oldest first. Changes nothing. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  return (await new MigrationExecutor(dataSource).getPendingMigrations()).map(({ name }) => name);
}

/** Who is migrating at this moment, and since when, as far as is known, or null. Changes nothing. */
export async function migrating(dataSource: DataSource): Promise<string | null> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await migrationLockHolder(queryRunner);
  } finally {
    await queryRunner.release();
  }
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
 * @param tell receives each warning, as a sentence, and that another process has the lock and is waited for.
 * @returns the names of the migrations that ran.
 * @throws TablesUnfit, DatabaseRefuses, RowsInTheWay before anything is changed, if something prevents one of the pending migrations;
 *   TablesUnfit also where none is pending; MigrationLocked; MigrationLockLost.
 */
export async function migrate(dataSource: DataSource, tell: Tell = () => {}): Promise<string[]> {
  if (!(await needsLock(dataSource, tell))) return [];
  return withExecutor(dataSource, tell, async (executor, queryRunner) => {
    refuseObstacles(await findObstacles(await executor.getPendingMigrations(), queryRunner), tell);
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  });
}

/**
 * Whether there is anything to migrate. A start that finds nothing to do needs neither the lock nor the rights to change a schema.
 *
 * @throws what {@link migrate} throws before the lock is taken: the table of the lock would be a change. Where that is there, another
 *   process may be in the middle of migrating, and what is found now says nothing.
 */
async function needsLock(dataSource: DataSource, tell: Tell): Promise<boolean> {
  const pending = await pendingMigrations(dataSource);
  const found = await withoutTimeLimit(() => obstacles(dataSource));
  // Warnings are told once: under the lock, where there is something to migrate.
  if (pending.length === 0) refuseObstacles(found, tell);
  else if (!(await hasLockTable(dataSource))) refuseObstacles(found, () => undefined);
  return pending.length > 0;
}

async function hasLockTable(dataSource: DataSource): Promise<boolean> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await queryRunner.hasTable(MIGRATION_LOCK_TABLE);
  } finally {
    await queryRunner.release();
  }
}

/**
 * Makes sure, where nothing may be migrated, that the service can work with the tables as they are.
 *
 * @param tell receives each warning, as a sentence.
 * @throws TablesUnfit, SchemaBehind.
 */
export async function requireSchema(dataSource: DataSource, tell: Tell): Promise<void> {
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
 * @param tell as of {@link migrate}.
 * @returns the names of the migrations that were taken back.
 * @throws MigrationLocked, MigrationLockLost.
 */
export function revert(dataSource: DataSource, tell: Tell): Promise<string[]> {
  return withExecutor(dataSource, tell, async (executor, queryRunner) => {
    const names = await newestFirst(executor);
    for (const _ of names) await executor.undoLastMigration();
    await forgetOrigin(queryRunner);
    return names;
  });
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
  // The lock goes last: another process may begin once it is gone.
  for (const table of [MIGRATIONS_TABLE, MIGRATION_LOCK_TABLE]) {
    if (await queryRunner.hasTable(table)) await queryRunner.query(`DROP TABLE ${table}`);
  }
}

async function newestFirst(executor: MigrationExecutor): Promise<string[]> {
  const executed = await executor.getExecutedMigrations();
  return executed.toSorted((one, other) => other.timestamp - one.timestamp).map(({ name }) => name);
}

async function withExecutor<T>(
  dataSource: DataSource,
  tell: Tell,
  work: (executor: MigrationExecutor, queryRunner: QueryRunner) => Promise<T>,
): Promise<T> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await underMigrationLock(queryRunner, tell, () => {
      const executor = new MigrationExecutor(dataSource, queryRunner);
      // MySQL commits with every change of the schema: a transaction would only pretend. Each migration can be resumed.
      executor.transaction = 'none';
      return work(executor, queryRunner);
    });
  } finally {
    await queryRunner.release();
  }
}
