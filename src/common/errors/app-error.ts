import type { HttpStatus } from '@nestjs/common';
import { type ErrorCode, errorStatuses } from './error-codes.js';

/** Messages by member of the request, as the 422 answer carries them. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

/**
 * An error that is part of the API: it has a stable code, and a message that the apps show to people as it is.
 * Each feature names its own, beside its services; {@link ErrorFilter} turns them into answers.
 */
export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;
  /** Set where the answer is 422. */
  readonly errors?: FieldErrors;
  /** Seconds until another try makes sense, for `Retry-After`. */
  readonly retryAfter?: number;

  /** The status of the answer. An error that means something else to the callers of one route overrides it. */
  get status(): HttpStatus {
    return errorStatuses[this.code];
  }

  constructor(message: string) {
    // An answer, and no fault that somebody looks for: to note where it came from takes longer than to send it.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A member of the request, or several, are missing or not acceptable: 422. */
export class ValidationFailed extends AppError {
  readonly code: ErrorCode = 'validation_failed';

  /** @param errors at least one member with at least one message each; the first becomes the message of the whole. */
  constructor(override readonly errors: FieldErrors) {
    super(Object.values(errors)[0]?.[0] ?? 'The request is not valid.');
  }
}

/** A member has the right shape, but the data say no: 422 with a code of its own. */
export abstract class FieldRefused extends ValidationFailed {
  constructor(field: string, message: string) {
    super({ [field]: [message] });
  }
}
