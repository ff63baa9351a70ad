import {
  createPool,
  type Pool,
  type PoolConnection,
  type QueryError,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2';
import type { FloorSettings } from './settings.js';

export type Value = string | number | null;

/** The pool size of the service. */
const POOL_SIZE = 10;
/** The most attempts for a victim of deadlocks. */
const ATTEMPTS = 8;

/**
 * The session of the service, except for READ COMMITTED from the start: no transaction here needs more isolation, and
 * it saves a statement.
 */
const SESSION = [
  "SET time_zone = '+00:00', sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

/** Runs prepared statements: the pool, or one connection in a transaction. */
interface Executor {
  execute(
    statement: string,
    values: Value[],
    done: (error: QueryError | null, result: ResultSetHeader & RowDataPacket[]) => void,
  ): unknown;
}

/**
 * Prepared statements on a pool of mysql2. It uses callbacks, because mysql2's promises record the stack of each call,
 * which costs more than the call.
 */
export class Database {
  private readonly pool: Pool;

  constructor(settings: FloorSettings) {
    this.pool = createPool({
      ...settings.database,
      charset: 'utf8mb4',
      timezone: 'Z',
      dateStrings: true,
      connectionLimit: POOL_SIZE,
      // An upsert that changes nothing must count 0 rows: the nonce store relies on it.
      flags: ['-FOUND_ROWS'],
    });
    this.pool.on('connection', (connection) => {
      for (const statement of SESSION) connection.query(statement);
    });
  }

  /** Reads rows. */
  rows<Row>(statement: string, values: Value[]): Promise<Row[]> {
    return execute(this.pool, statement, values) as Promise<object> as Promise<Row[]>;
  }

  /** Reads rows by a statement that is hardly repeated and so is not worth preparing. */
  unprepared<Row>(statement: string, values: Value[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.pool.query<RowDataPacket[]>(statement, values, (error, rows) =>
        error ? reject(error) : resolve(rows as object as Row[]),
      );
    });
  }

  /** Runs a statement that is atomic by itself. */
  change(statement: string, values: Value[]): Promise<ResultSetHeader> {
    return retry(() => execute(this.pool, statement, values));
  }

  /** Runs work in a transaction. An error of the work rolls everything back. */
  transaction<T>(work: (change: Database['change']) => Promise<T>): Promise<T> {
    return retry(async () => {
      const connection = await this.connect();
      try {
        // The code does not wait here, because mysql2 queues the following statements.
        connection.query('START TRANSACTION', ignore);
        const result = await work((statement, values) => execute(connection, statement, values));
        await say(connection, 'COMMIT');
        return result;
      } catch (error) {
        connection.query('ROLLBACK', ignore);
        throw error;
      } finally {
        connection.release();
      }
    });
  }

  /** Closes all connections. */
  end(): Promise<void> {
    return new Promise((resolve) => this.pool.end(() => resolve()));
  }

  private connect(): Promise<PoolConnection> {
    return new Promise((resolve, reject) =>
      this.pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
    );
  }
}

/** The current time in UTC, in the format of the database and the API. */
export function now(): string {
  return dateTime(Date.now());
}

/** A time in UTC, in the format of the database and the API. */
export function dateTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}

/** A unique index rejected the row. */
export function isDuplicate(error: unknown): boolean {
  return (error as QueryError).code === 'ER_DUP_ENTRY';
}

function execute(executor: Executor, statement: string, values: Value[]): Promise<ResultSetHeader> {
  return new Promise((resolve, reject) => {
    executor.execute(statement, values, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

function say(connection: PoolConnection, statement: string): Promise<void> {
  return new Promise((resolve, reject) => connection.query(statement, (error) => (error ? reject(error) : resolve())));
}

/** The following statements report the failure. */
function ignore(): void {}

async function retry<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if ((error as QueryError).code !== 'ER_LOCK_DEADLOCK' || attempt === ATTEMPTS) throw error;
    }
  }
}
