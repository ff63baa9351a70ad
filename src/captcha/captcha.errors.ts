import { AppError } from '../common/errors/app-error.js';

/** The form was sent without a right answer to the challenge. */
export class PersonNotProven extends AppError {
  readonly code = 'person_not_proven';

  constructor() {
    super('It was not proven that you are a person. Please try again.');
  }
}

/** The external service that proves a person did not answer. */
export class CaptchaUnavailable extends AppError {
  readonly code = 'captcha_unavailable';

  constructor() {
    super('It cannot be checked at the moment that you are a person. Please try again later.');
  }
}
