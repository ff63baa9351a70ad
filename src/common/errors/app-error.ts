import type { HttpStatus } from '@nestjs/common';
import { type ErrorCode, errorStatuses } from './error-codes.js';

/** Messages by member of the request, as in the 422 answer. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

/**
 * An error that is part of the API. It has a stable code, and a message that the apps show to people unchanged. Each
 * feature declares its errors beside its services. {@link ErrorFilter} turns them into answers.
 */
export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;
  /** Set if the answer is 422. */
  readonly errors?: FieldErrors;
  /** Seconds until another attempt makes sense, for `Retry-After`. */
  readonly retryAfter?: number;

  /** HTTP status of the answer. An error overrides it if it has another meaning for the callers of one route. */
  get status(): HttpStatus {
    return errorStatuses[this.code];
  }

  constructor(message: string) {
    // This is an answer, not a fault to debug. A stack trace takes longer than sending the answer.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** One or more members of the request are missing or not acceptable: 422. */
export class ValidationFailed extends AppError {
  readonly code: ErrorCode = 'validation_failed';

  /**
   * @param errors at least one member, each with at least one message. The first message becomes the message of the
   * error.
   */
  constructor(override readonly errors: FieldErrors) {
    super(Object.values(errors)[0]?.[0] ?? 'The request is not valid.');
  }
}

/** A member has the right shape but conflicts with stored data: 422 with its own code. */
export abstract class FieldRefused extends ValidationFailed {
  constructor(field: string, message: string) {
    super({ [field]: [message] });
  }
}
