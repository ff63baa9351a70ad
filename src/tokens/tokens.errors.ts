import { AppError, FieldRefused } from '../common/errors/app-error.js';

/** The device has a token that it can still use. */
export class TokenAlreadySent extends AppError {
  readonly code = 'token_already_sent';

  constructor() {
    super('A token has already been sent to this device.');
  }
}

/** The device has had all the tokens it may ever get. */
export class TokenLimitReached extends AppError {
  readonly code = 'token_limit_reached';

  constructor() {
    super('This device cannot get any more tokens.');
  }
}

/** No token of this text can be redeemed: there is none, or it was used, or has expired. */
export class TokenInvalid extends FieldRefused {
  override readonly code = 'token_invalid';

  constructor() {
    super('token', 'This token is unknown, used or expired.');
  }
}

/** The push service did not take the push. */
export class PushNotDelivered extends AppError {
  readonly code = 'push_not_delivered';

  constructor() {
    super('The token could not be sent to this device. Please try again later.');
  }
}
