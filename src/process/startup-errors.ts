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

/** The address to listen on is taken, not ours, or not to be had without privileges. */
export class CannotListen extends Error {
  constructor(host: string, port: number, cause: unknown) {
    super(`Cannot listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** What an operator can mend: said in a sentence, without a stack trace. */
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

/** The exit code of a worker that another one in its place would not better: EX_CONFIG of sysexits.h. */
export const CANNOT_START = 78;

/** Says on standard error why the process cannot go on, and ends it with exit code 1, or tells its supervisor by {@link CANNOT_START}. */
export function exitOnStartupError(error: unknown): never {
  standardError.write(`${describe(error)}\n`);
  process.exit(cluster.isWorker ? CANNOT_START : 1);
}

/** What to say of an error: a sentence of one that an operator can mend, the stack of a fault of ours. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isRefused(error)) return new DatabaseRefuses(error).message;
  if (error instanceof DatabaseUnavailable) return error.messageWithAdvice;
  return OPERATORS_ERRORS.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
