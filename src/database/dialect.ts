import type { DataSource } from 'typeorm';
import type { ErrorClass, ErrorGroup } from './error-classes.js';
import { groupOfCode } from './error-lookup.js';

/** The two kinds of SQL this service speaks: the embedded SQLite, and MySQL (MariaDB included). */
export type Dialect = 'sqlite' | 'mysql';

export function dialectOf(dataSource: DataSource): Dialect {
  return dataSource.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
}

/** What drivers and the system say of an error. */
interface Cause {
  readonly code?: string;
  readonly errno?: number;
  /** mysql2: the connection cannot be used any more. */
  readonly fatal?: boolean;
  readonly message?: string;
  /** The file that a call of the file system was about. */
  readonly path?: string;
}

/** TypeORM wraps what a driver says of a statement; what a connection fails with comes as it is. */
function driverErrorOf(error: unknown): Cause {
  return (error as { driverError?: Cause }).driverError ?? (error as Cause);
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

/** A table is not there. */
export function isMissingTable(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_NO_SUCH_TABLE';
}

/** The server does not know a variable that others know. */
export function isUnknownVariable(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_UNKNOWN_SYSTEM_VARIABLE';
}

/**
 * The server writes its binary log as statements (`binlog_format=STATEMENT`), and refuses to write in a READ COMMITTED transaction: replayed
 * elsewhere, such statements may find other rows.
 */
export function isStatementLogged(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_BINLOG_STMT_MODE_AND_ROW_ENGINE';
}

/** The user of the database has not the right to do that. */
export function isRefused(error: unknown): boolean {
  return groupOf(error)?.shortage === 'right';
}

/** What the message of a connection says that was lost before TLS was set up. */
export const LOST_IN_HANDSHAKE = /\b(ECONNABORTED|ECONNRESET|EPIPE|ETIMEDOUT)\b|disconnected before secure TLS connection/;

/**
 * The driver gives this code to every failure before TLS is set up, and keeps the message. A connection that was lost meanwhile says nothing
 * of certificates.
 */
function isLostInHandshake({ code, message }: Cause): boolean {
  return code === 'HANDSHAKE_SSL_ERROR' && LOST_IN_HANDSHAKE.test(message ?? '');
}

/** What the table of errors says; undefined where it says nothing, or where this is no error of the database. */
function groupOf(error: unknown): ErrorGroup | undefined {
  const { code, errno, path } = driverErrorOf(error);
  if (path !== undefined) return undefined;
  // The number of a system error is negative; its code says what it is.
  return groupOfCode(code, errno !== undefined && errno > 0 ? errno : undefined);
}

/** What an error means for the call that met it; null where it is a fault of ours, or no error of the database at all. */
export function errorClassOf(error: unknown): ErrorClass | null {
  const cause = driverErrorOf(error);
  if (cause.path !== undefined) return null;
  if (isLostInHandshake(cause)) return 'unavailable';
  return groupOf(error)?.class ?? (cause.fatal === true ? 'unavailable' : null);
}

/** The database ended the transaction in favour of another one; nothing of it remains, and it may be tried again. */
export function isConflict(error: unknown): boolean {
  return errorClassOf(error) === 'conflict';
}

/** The database does not do it now: the call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  const found = errorClassOf(error);
  return found !== null && found !== 'refused';
}

/** The server at the other end cannot be used now; another one behind the same name may. */
export function isServerUnusable(error: unknown): boolean {
  const found = errorClassOf(error);
  return found === 'unavailable' || found === 'refused';
}

/** The time for which the caller may keep the database busy was over. */
export function isTimeout(error: unknown): boolean {
  return driverErrorOf(error).code === 'DATABASE_TIMEOUT';
}

/** There are as many connections as the server, or our user, may have. */
export function isConnectionLimit(error: unknown): boolean {
  return groupOf(error)?.shortage === 'connections';
}

/** Another process holds the lock of a SQLite file; nothing of the work has been done. */
export function isBusy(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return code === 'SQLITE_BUSY' || code === 'SQLITE_BUSY_SNAPSHOT';
}
