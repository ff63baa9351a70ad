import type { DataSource } from 'typeorm';

/** The two kinds of SQL this service speaks: the embedded SQLite, and MySQL (MariaDB included). */
export type Dialect = 'sqlite' | 'mysql';

export function dialectOf(dataSource: DataSource): Dialect {
  return dataSource.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
}

interface DriverError {
  driverError?: { code?: string; errno?: number; fatal?: boolean };
  code?: string;
  errno?: number;
}

function driverErrorOf(error: unknown): { code?: string; errno?: number; fatal?: boolean } {
  const { driverError, code, errno } = error as DriverError;
  return driverError ?? { code, errno };
}

/** A unique index refused the row. */
export function isDuplicate(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE';
}

/** A row refers to another one that is not there. */
export function isMissingReference(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return code === 'ER_NO_REFERENCED_ROW_2' || code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
}

const REFUSED = new Set([
  'ER_DBACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_COLUMNACCESS_DENIED_ERROR',
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
]);

/** The user of the database has not the right to do that. */
export function isRefused(error: unknown): boolean {
  return REFUSED.has(driverErrorOf(error).code ?? '');
}

/** What TiDB says of a write conflict, a commit that it took back, and a schema that changed meanwhile; mysql2 has no names for them. */
const TIDB_CONFLICTS = new Set([9007, 8022, 8028]);

/**
 * The database ended the transaction in favour of another one; nothing of it remains, and it may be tried again. A Galera cluster says
 * so by the same code as a single server, and may say it of a COMMIT.
 */
export function isConflict(error: unknown): boolean {
  const { code, errno } = driverErrorOf(error);
  return code === 'ER_LOCK_DEADLOCK' || code === 'ER_CHECKREAD' || TIDB_CONFLICTS.has(errno ?? 0) || isBusy(error);
}

/** The text holds characters that the column's character set has not (an old installation's latin1): no row has it. */
export function isUnrepresentable(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_CANT_AGGREGATE_2COLLATIONS';
}

/** Another process holds the lock of a SQLite file; nothing of the work has been done. */
export function isBusy(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return code === 'SQLITE_BUSY' || code === 'SQLITE_BUSY_SNAPSHOT';
}

const UNREACHABLE = new Set([
  'DATABASE_TIMEOUT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  // A node of a Galera cluster that is not, or no longer, part of it.
  'ER_UNKNOWN_COM_ERROR',
  'ER_QUERY_INTERRUPTED',
  'ER_LOCK_WAIT_TIMEOUT',
  'POOL_CLOSED',
]);

/** MariaDB says so of a connection that it ends while it shuts down; mysql2 has no name for it. */
const ER_CONNECTION_KILLED = 1927;

/** The database does not answer, or not in time: the call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  const { code, errno, fatal } = driverErrorOf(error);
  return isConflict(error) || fatal === true || errno === ER_CONNECTION_KILLED || (code !== undefined && UNREACHABLE.has(code));
}
