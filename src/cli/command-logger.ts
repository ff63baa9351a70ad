import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';
import { sayPrintable } from './standard-error.js';

/** What services say while a command uses them, on standard error: events as in the log, and what they warn of, a line each. */
export class CommandLogger implements LoggerService {
  /** @param events where events go to. */
  constructor(private readonly events?: Logger) {}

  log(message: unknown, context?: string): void {
    if (typeof message === 'object') this.events?.info({ ...message }, context);
  }

  warn(message: unknown): void {
    sayPrintable('warning', String(message));
  }

  /** Nest's own report of a failed start is dropped: the caller reports the error, without a stack trace. */
  error(error: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) !== 'ExceptionHandler') sayPrintable('error', error instanceof Error ? error.message : String(error));
  }
}
