import { AppError } from '../common/errors/app-error.js';

/** A limit of protocol §8 is reached. */
export class TooManyAttempts extends AppError {
  readonly code = 'too_many_attempts';

  /** @param retryAfter seconds until the limit allows another attempt. */
  constructor(override readonly retryAfter: number) {
    super('Too many attempts. Please try again later.');
  }
}

/** The shared store does not respond, and this call must not run uncounted. */
export class LimitsUnavailable extends AppError {
  readonly code = 'limits_unavailable';
  override readonly retryAfter = 5;

  constructor() {
    super('The service is temporarily unavailable. Please try again in a moment.');
  }
}
