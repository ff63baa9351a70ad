import { AppError, FieldRefused } from '../common/errors/app-error.js';

/** The device has a token that is neither used nor expired. */
export class TokenAlreadySent extends AppError {
  readonly code = 'token_already_sent';

  constructor() {
    super('A token has already been sent to this device.');
  }
}

/** The device has reached the maximum number of tokens. Used and expired tokens count. */
export class TokenLimitReached extends AppError {
  readonly code = 'token_limit_reached';

  constructor() {
    super('This device cannot get any more tokens.');
  }
}

/** The token does not exist, is used, or has expired. */
export class TokenInvalid extends FieldRefused {
  override readonly code = 'token_invalid';

  /** @param member the member of the request that holds the token. */
  constructor(member: 'token' | 'account_creation_token' | 'account_creation_request_token' = 'token') {
    super(member, 'This token is unknown, used or expired.');
  }
}

/** The same, on a route whose subject is the token: 404. */
export class TokenNotFound extends AppError {
  readonly code = 'token_not_found';

  constructor() {
    super('This token is unknown, used or expired.');
  }
}

/** No person was proven on the page of the request token yet. An app asks again until one is. */
export class RequestTokenNotValidated extends AppError {
  readonly code = 'request_token_not_validated';

  constructor() {
    super('This token is not validated yet. Please open its page in a browser.');
  }
}

/** The push service did not accept the push notification. */
export class PushNotDelivered extends AppError {
  readonly code = 'push_not_delivered';

  constructor() {
    super('The token could not be sent to this device. Please try again later.');
  }
}
