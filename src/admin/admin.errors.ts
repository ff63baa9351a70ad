import { AppError } from '../common/errors/app-error.js';

/** An administrator tries to block his own account, and would lock himself out. */
export class OwnAccount extends AppError {
  readonly code = 'own_account';

  constructor() {
    super('You cannot do this to your own account.');
  }
}

/** The account has changed since the caller read it: no entity tag in `If-Match` is current. */
export class PreconditionFailed extends AppError {
  readonly code = 'precondition_failed';

  constructor() {
    super('The account has changed in the meantime.');
  }
}

/** Without this account, there would be no administrator that can sign in. */
export class LastAdministrator extends AppError {
  readonly code = 'last_administrator';

  constructor() {
    super('This is the last administrator.');
  }
}
