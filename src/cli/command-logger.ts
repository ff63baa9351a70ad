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

  /** An error that keeps the application from starting is reported by whoever started it, without Nest's stack trace. */
  error(error: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) !== 'ExceptionHandler') sayPrintable('error', error instanceof Error ? error.message : String(error));
  }
}
