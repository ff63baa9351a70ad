import cluster from 'node:cluster';
import { FirstAdminTaken, FirstAdminUnstorable } from '../admin/administrators.service.js';
import { standardError } from '../common/output.js';
import { InvalidSettings } from '../config/settings.js';
import { DatabaseRefuses, DatabaseUnavailable } from '../database/database-unavailable.js';
import { isRefused } from '../database/dialect.js';
import { SchemaBehind } from '../database/migrate.js';
import { MigrationLocked, MigrationLockLost } from '../database/migration-lock.js';
import { TablesUnfit } from '../database/obstacles.js';
import { TemplateInvalid } from '../messages/templates.js';
import { RowsInTheWay } from '../database/migrations/unique-addition.js';

/** The address is in use, does not belong to this machine, or needs privileges. */
export class CannotListen extends Error {
  constructor(host: string, port: number, cause: unknown) {
    super(`Cannot listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Errors that an operator can correct. Each is reported as a sentence without a stack trace. */
const OPERATORS_ERRORS = [
  InvalidSettings,
  CannotListen,
  DatabaseRefuses,
  SchemaBehind,
  TablesUnfit,
  MigrationLocked,
  MigrationLockLost,
  RowsInTheWay,
  TemplateInvalid,
  FirstAdminTaken,
  FirstAdminUnstorable,
];

/** Exit code of a worker that fails for a reason that a restart does not fix: EX_CONFIG of sysexits.h. */
export const CANNOT_START = 78;

/**
 * Writes the reason to standard error and ends the process with exit code 1. A worker ends with {@link CANNOT_START},
 * for its supervisor.
 */
export function exitOnStartupError(error: unknown): never {
  standardError.write(`${describe(error)}\n`);
  process.exit(cluster.isWorker ? CANNOT_START : 1);
}

/** The text for an error: a sentence if an operator can correct it, the stack of a bug otherwise. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isRefused(error)) return new DatabaseRefuses(error).message;
  if (error instanceof DatabaseUnavailable) return error.messageWithAdvice;
  return OPERATORS_ERRORS.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
