import { type EntityManager, QueryFailedError, type QueryRunner } from 'typeorm';
import type { BoundedPool, LentConnection } from './bounded-pool.js';
import type { ConstantStatement } from './constant-statement.js';
import { dialectOf } from './dialect.js';

type Parameters = readonly (string | number | null)[];

/** What a statement did that writes. */
export interface Written {
  /** Rows that were changed. On MySQL an upsert counts 1 for a new row, 2 for a changed one, 0 for neither. */
  readonly affected: number;
  /** The id of the row that was inserted, where the database draws one. */
  readonly insertId: number;
}

/*
 * The way of the few statements that are written by hand, because calls of every telephone run them: past TypeORM, which sends
 * text and wraps what it gets in five promises. MySQL prepares each statement once for a connection and then gets its
 * parameters alone; SQLite prepares all of them anyway. Whatever is asked for less often belongs to the entities.
 * `npm run bench` has the figures (docs/performance.md).
 */

/**
 * Reads rows.
 *
 * @param manager of a transaction, or of a data source.
 */
export function readPrepared<Row>(manager: EntityManager, statement: ConstantStatement, parameters: Parameters): Promise<Row[]> {
  if (dialectOf(manager.dataSource) === 'sqlite') return manager.query(statement.text, [...parameters]);
  return execute(manager, statement, parameters) as Promise<Row[]>;
}

/**
 * Writes rows, all of them or none.
 *
 * @param manager of a transaction; or of the data source that writes, within `Transactions` alone.
 */
export async function writePrepared(manager: EntityManager, statement: ConstantStatement, parameters: Parameters): Promise<Written> {
  if (dialectOf(manager.dataSource) === 'sqlite') return writeToSqlite(manager, statement, parameters);
  const { affectedRows, insertId } = (await execute(manager, statement, parameters)) as { affectedRows: number; insertId: number };
  return { affected: affectedRows, insertId };
}

async function execute(manager: EntityManager, statement: ConstantStatement, parameters: Parameters): Promise<unknown> {
  // As TypeORM does, so that its log has all statements.
  manager.dataSource.logger.logQuery(statement.text, [...parameters]);
  try {
    const { queryRunner } = manager;
    if (!queryRunner) return await poolOf(manager).execute(statement, [...parameters]);
    const connection = (await queryRunner.connect()) as LentConnection;
    return await connection.execute(statement, [...parameters]);
  } catch (error) {
    // The error of TypeORM, so that callers handle both ways alike.
    throw new QueryFailedError(statement.text, [...parameters], error as Error);
  }
}

function poolOf({ dataSource }: EntityManager): BoundedPool {
  return (dataSource.driver as unknown as { pool: BoundedPool }).pool;
}

async function writeToSqlite(manager: EntityManager, { text }: ConstantStatement, parameters: Parameters): Promise<Written> {
  const queryRunner: QueryRunner = manager.queryRunner ?? manager.dataSource.createQueryRunner();
  try {
    const { affected = 0, raw } = await queryRunner.query(text, [...parameters], true);
    return { affected, insertId: Number(raw) };
  } finally {
    if (queryRunner !== manager.queryRunner) await queryRunner.release();
  }
}
