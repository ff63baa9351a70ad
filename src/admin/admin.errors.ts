import { AppError } from '../common/errors/app-error.js';

/** An administrator tries to block his own account, and would lock himself out. */
export class OwnAccount extends AppError {
  readonly code = 'own_account';

  constructor() {
    super('You cannot do this to your own account.');
  }
}

/** Without this account, there would be no administrator that can sign in. */
export class LastAdministrator extends AppError {
  readonly code = 'last_administrator';

  constructor() {
    super('This is the last administrator.');
  }
}
