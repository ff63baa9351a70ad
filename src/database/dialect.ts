import type { DataSource } from 'typeorm';
import type { ErrorClass, ErrorGroup } from './error-classes.js';
import { groupOfCode } from './error-lookup.js';

/** The SQL dialects of this service: the embedded SQLite, and MySQL (MariaDB included). */
export type Dialect = 'sqlite' | 'mysql';

export function dialectOf(dataSource: DataSource): Dialect {
  return dataSource.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
}

/** The properties of an error from a driver or the system. */
interface Cause {
  readonly code?: string;
  readonly errno?: number;
  /** mysql2: the connection cannot be used again. */
  readonly fatal?: boolean;
  readonly message?: string;
  /** The file of a failed file system call. */
  readonly path?: string;
}

/** TypeORM wraps the driver error of a statement. It does not wrap a connection error. */
function driverErrorOf(error: unknown): Cause {
  return (error as { driverError?: Cause }).driverError ?? (error as Cause);
}

/** A unique index rejected the row. */
export function isDuplicate(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE';
}

/** A row refers to another row that does not exist. */
export function isMissingReference(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return code === 'ER_NO_REFERENCED_ROW_2' || code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
}

/** A table does not exist. */
export function isMissingTable(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_NO_SUCH_TABLE';
}

/** The server does not know a variable that other servers know. */
export function isUnknownVariable(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_UNKNOWN_SYSTEM_VARIABLE';
}

/**
 * The server writes its binary log as statements (`binlog_format=STATEMENT`). It rejects writes in a READ COMMITTED
 * transaction, because such statements may find other rows when they are replayed elsewhere.
 */
export function isStatementLogged(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_BINLOG_STMT_MODE_AND_ROW_ENGINE';
}

/** The database user lacks the right to do that. */
export function isRefused(error: unknown): boolean {
  return groupOf(error)?.shortage === 'right';
}

/** Matches the message of a connection that was lost before TLS was set up. */
export const LOST_IN_HANDSHAKE =
  /\b(ECONNABORTED|ECONNRESET|EPIPE|ETIMEDOUT)\b|disconnected before secure TLS connection/;

/**
 * The driver gives this code to every failure before TLS is set up, and keeps the message. A lost connection is no
 * evidence of a certificate problem.
 */
function isLostInHandshake({ code, message }: Cause): boolean {
  return code === 'HANDSHAKE_SSL_ERROR' && LOST_IN_HANDSHAKE.test(message ?? '');
}

/**
 * The group of an error in the error table; undefined for an unlisted error, or for one that is not from the database.
 */
function groupOf(error: unknown): ErrorGroup | undefined {
  const { code, errno, path } = driverErrorOf(error);
  if (path !== undefined) return undefined;
  // The number of a system error is negative; such an error is identified by its code.
  return groupOfCode(code, errno !== undefined && errno > 0 ? errno : undefined);
}

/** The class of an error for the caller; null for a bug of this service, or an error that is not from the database. */
export function errorClassOf(error: unknown): ErrorClass | null {
  const cause = driverErrorOf(error);
  if (cause.path !== undefined) return null;
  if (isLostInHandshake(cause)) return 'unavailable';
  return groupOf(error)?.class ?? (cause.fatal === true ? 'unavailable' : null);
}

/**
 * The database ended the transaction in favour of another one. It rolled everything back, and the transaction may be
 * run again.
 */
export function isConflict(error: unknown): boolean {
  return errorClassOf(error) === 'conflict';
}

/** The database cannot do it now. The call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  const found = errorClassOf(error);
  return found !== null && found !== 'refused';
}

/** This server cannot be used now. Another server behind the same name may be usable. */
export function isServerUnusable(error: unknown): boolean {
  const found = errorClassOf(error);
  return found === 'unavailable' || found === 'refused';
}

/** The caller has used the database for the longest allowed time. */
export function isTimeout(error: unknown): boolean {
  return driverErrorOf(error).code === 'DATABASE_TIMEOUT';
}

/** The number of connections has reached the limit of the server, or of the database user. */
export function isConnectionLimit(error: unknown): boolean {
  return groupOf(error)?.shortage === 'connections';
}

/** Another process holds the lock of a SQLite file. Nothing of the work was done. */
export function isBusy(error: unknown): boolean {
  const { code } = driverErrorOf(error);
  return code === 'SQLITE_BUSY' || code === 'SQLITE_BUSY_SNAPSHOT';
}
