import { AppError } from '../common/errors/app-error.js';

/** There is no account with this address or id. */
export class AccountNotFound extends AppError {
  readonly code = 'account_not_found';

  constructor() {
    super('This account does not exist.');
  }
}
