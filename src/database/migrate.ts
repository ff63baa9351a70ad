import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { MIGRATIONS_TABLE } from './connection-options.js';
import { dialectOf } from './dialect.js';
import { inWords } from './migration-names.js';
import { MIGRATION_LOCK_TABLE } from './migration-lease.js';
import { migrationLockHolder, type Tell, underMigrationLock } from './migration-lock.js';
import { findMissingRights, findObstacles, type Obstacles, refuseObstacles, requireFitTables } from './obstacles.js';
import { dropIndex, hasIndex, OWN_INDEX } from './schema-inspection.js';
import { withoutTimeLimit } from './time-allowance.js';

/** The schema is older than this version needs, and the settings forbid migrations at start. */
export class SchemaBehind extends Error {
  constructor(pending: readonly string[]) {
    super(
      `The database schema is behind: ${pending.map(inWords).join(', ')} ${pending.length === 1 ? 'is' : 'are'} pending.\n` +
        'Run `npm run cli -- migrate`, or set DB_MIGRATE=true.',
    );
  }
}

/** Names of the migrations that have not run, oldest first. Read-only. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  return (await new MigrationExecutor(dataSource).getPendingMigrations()).map(({ name }) => name);
}

/** The process that is migrating now and its start time, as far as known; null if there is none. Read-only. */
export async function migrating(dataSource: DataSource): Promise<string | null> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await migrationLockHolder(queryRunner);
  } finally {
    await queryRunner.release();
  }
}

/** Obstacles to the pending migrations, or to the service if none is pending. Read-only. */
export async function obstacles(dataSource: DataSource): Promise<Obstacles> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await findObstacles(
      await new MigrationExecutor(dataSource, queryRunner).getPendingMigrations(),
      queryRunner,
    );
  } finally {
    await queryRunner.release();
  }
}

/** Rights that the pending migrations need and the database user lacks. */
export async function missingForMigrations(dataSource: DataSource): Promise<string[]> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await findMissingRights(
      await new MigrationExecutor(dataSource, queryRunner).getPendingMigrations(),
      queryRunner,
    );
  } finally {
    await queryRunner.release();
  }
}

/**
 * Runs the pending migrations under a lock. If several processes start at the same time, one migrates; the others wait
 * and then find nothing to do.
 *
 * @param tell receives each warning as a sentence, and a sentence when another process holds the lock.
 * @returns the names of the migrations that ran.
 * @throws TablesUnfit, DatabaseRefuses, RowsInTheWay before any change, if something prevents a pending migration;
 *   TablesUnfit also if none is pending; MigrationLocked; MigrationLockLost.
 */
export async function migrate(dataSource: DataSource, tell: Tell = () => {}): Promise<string[]> {
  if (!(await needsLock(dataSource, tell))) return [];
  return withExecutor(dataSource, tell, async (executor, queryRunner) => {
    refuseObstacles(await findObstacles(await executor.getPendingMigrations(), queryRunner), tell);
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  });
}

/**
 * Whether a migration is pending. A start without pending migrations needs neither the lock nor the rights to change a
 * schema.
 *
 * @throws what {@link migrate} throws before it takes the lock, because creating the lock table would already be a
 *   change. If that table exists, another process may be migrating, so nothing is checked here.
 */
async function needsLock(dataSource: DataSource, tell: Tell): Promise<boolean> {
  const pending = await pendingMigrations(dataSource);
  const found = await withoutTimeLimit(() => obstacles(dataSource));
  // Each warning is reported once: here if nothing is pending, under the lock otherwise.
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
 * Ensures that the service can work with the tables as they are, if migrations are forbidden.
 *
 * @param tell receives each warning as a sentence.
 * @throws TablesUnfit, SchemaBehind.
 */
export async function requireSchema(dataSource: DataSource, tell: Tell): Promise<void> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  await requireFitTables(dataSource, pending, tell);
  if (pending.length > 0) throw new SchemaBehind(pending.map(({ name }) => name));
}

/** Names of the migrations that have run and can be reverted, newest first. Read-only. */
export function revertibleMigrations(dataSource: DataSource): Promise<string[]> {
  return newestFirst(new MigrationExecutor(dataSource));
}

/**
 * Reverts what the migrations added to the tables of Flexisip, under the same lock. The server of 2021 can use the
 * database afterwards. No row of those tables is lost; data that only the additions held is lost.
 *
 * @param tell as for {@link migrate}.
 * @returns the names of the reverted migrations.
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
 * Removes the marks that this service created the database, and since when it has used it. With the marks left, later
 * changes by the old server would count as changes by this service (`UnconfirmedAccountsService`). It also runs if no
 * migration is left, to finish an interrupted revert.
 */
async function forgetOrigin(queryRunner: QueryRunner): Promise<void> {
  if (dialectOf(queryRunner.dataSource) === 'mysql' && (await hasIndex(queryRunner, 'aliases', OWN_INDEX))) {
    // The foreign key needs an index. The database itself would choose this name.
    const usual = 'aliases_account_id_foreign';
    if (!(await hasIndex(queryRunner, 'aliases', usual)))
      await queryRunner.query(`CREATE INDEX ${usual} ON aliases (account_id)`);
    await dropIndex(queryRunner, 'aliases', OWN_INDEX);
  }
  // The lock table is dropped last: another process may begin once it is gone.
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
      // MySQL commits with every schema change, so a transaction would protect nothing. Each migration can be resumed.
      executor.transaction = 'none';
      return work(executor, queryRunner);
    });
  } finally {
    await queryRunner.release();
  }
}
