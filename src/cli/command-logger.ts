import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';
import { sayPrintable } from './standard-error.js';

/**
 * Writes the log of the services to standard error while a command runs: events as in the service's log, warnings as
 * one line each.
 */
export class CommandLogger implements LoggerService {
  /** @param events the logger for events. */
  constructor(private readonly events?: Logger) {}

  log(message: unknown, context?: string): void {
    if (typeof message === 'object') this.events?.info({ ...message }, context);
  }

  warn(message: unknown): void {
    sayPrintable('warning', String(message));
  }

  /** Drops Nest's own report of a failed start, because the caller reports the error without a stack trace. */
  error(error: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) !== 'ExceptionHandler')
      sayPrintable('error', error instanceof Error ? error.message : String(error));
  }
}
