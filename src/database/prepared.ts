import { type DataSource, type EntityManager, QueryFailedError, type QueryRunner } from 'typeorm';
import type { BoundedPool, LentConnection } from './bounded-pool.js';
import type { ConstantStatement } from './constant-statement.js';
import { dialectOf } from './dialect.js';

export type Parameters = readonly (string | number | null)[];

/** The result of a statement that writes. */
export interface Written {
  /** The number of changed rows. On MySQL an upsert counts 1 for a new row, 2 for a changed one, 0 for neither. */
  readonly affected: number;
  /** The id of the inserted row, if the database generates one. */
  readonly insertId: number;
}

/*
 * These functions run the few statements that are written by hand, because calls of every telephone run them. They
 * bypass TypeORM, which sends text and wraps each result in five promises. MySQL prepares each statement once per
 * connection and then gets only its parameters. SQLite prepares every statement anyway. Less frequent statements use
 * the entities. `npm run bench` has the figures (docs/performance.md).
 */

/** Reads rows in the transaction of the manager. */
export function readPrepared<Row>(
  manager: EntityManager,
  statement: ConstantStatement,
  parameters: Parameters,
): Promise<Row[]> {
  if (dialectOf(manager.dataSource) === 'sqlite') return manager.query(statement.text, [...parameters]);
  return executeInTransaction(manager, statement, parameters) as Promise<Row[]>;
}

/** Writes rows in the transaction of the manager, all of them or none. */
export async function writePrepared(
  manager: EntityManager,
  statement: ConstantStatement,
  parameters: Parameters,
): Promise<Written> {
  if (dialectOf(manager.dataSource) === 'sqlite') return writeToSqlite(runnerOf(manager), statement, parameters);
  return toWritten(await executeInTransaction(manager, statement, parameters));
}

/** Writes rows by a statement that is a transaction of its own. Only `Transactions` may call it. */
export async function writeAlone(
  writer: DataSource,
  pool: BoundedPool | null,
  statement: ConstantStatement,
  parameters: Parameters,
): Promise<Written> {
  if (pool) return toWritten(await executeOnPool(writer, pool, statement, parameters));
  const queryRunner = writer.createQueryRunner();
  try {
    return await writeToSqlite(queryRunner, statement, parameters);
  } finally {
    await queryRunner.release();
  }
}

/** Runs a statement on any connection to MySQL, outside transactions. */
export function executeOnPool(
  dataSource: DataSource,
  pool: BoundedPool,
  statement: ConstantStatement,
  parameters: Parameters,
): Promise<unknown> {
  return asTypeorm(dataSource, statement, parameters, () => pool.execute(statement, [...parameters]));
}

function executeInTransaction(
  manager: EntityManager,
  statement: ConstantStatement,
  parameters: Parameters,
): Promise<unknown> {
  return asTypeorm(manager.dataSource, statement, parameters, async () => {
    const connection = (await runnerOf(manager).connect()) as LentConnection;
    return connection.execute(statement, [...parameters]);
  });
}

/**
 * Logs the statement and throws TypeORM's error, so that TypeORM's log has every statement and callers handle the
 * errors of both ways alike.
 */
async function asTypeorm<T>(
  { logger }: DataSource,
  { text }: ConstantStatement,
  parameters: Parameters,
  work: () => Promise<T>,
): Promise<T> {
  logger.logQuery(text, [...parameters]);
  try {
    return await work();
  } catch (error) {
    throw new QueryFailedError(text, [...parameters], error as Error);
  }
}

function runnerOf({ queryRunner }: EntityManager): QueryRunner {
  if (!queryRunner) throw new Error('this statement runs in transactions only');
  return queryRunner;
}

function toWritten(result: unknown): Written {
  const { affectedRows, insertId } = result as { affectedRows: number; insertId: number };
  return { affected: affectedRows, insertId };
}

async function writeToSqlite(
  queryRunner: QueryRunner,
  { text }: ConstantStatement,
  parameters: Parameters,
): Promise<Written> {
  const { affected = 0, raw } = await queryRunner.query(text, [...parameters], true);
  return { affected, insertId: Number(raw) };
}
