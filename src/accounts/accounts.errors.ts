import { AppError, FieldRefused } from '../common/errors/app-error.js';

/** The username exists in the domain, or is the phone number of an account there. */
export class UsernameTaken extends FieldRefused {
  override readonly code = 'username_taken';

  constructor() {
    super('username', 'This username is already taken.');
  }
}

/** The phone number belongs to an account of the domain, or is a username there. */
export class PhoneTaken extends FieldRefused {
  override readonly code = 'phone_taken';

  constructor() {
    super('phone', 'This phone number is already in use.');
  }
}

/** The new e-mail address is the current one. */
export class EmailUnchanged extends FieldRefused {
  override readonly code = 'email_unchanged';

  constructor() {
    super('email', 'This is already the e-mail address of the account.');
  }
}

/** The old password is missing or wrong. */
export class OldPasswordWrong extends FieldRefused {
  override readonly code = 'old_password_wrong';

  constructor() {
    super('old_password', 'The old password is not right.');
  }
}

/** No account with this address waits for this code. */
export class ActivationCodeWrong extends AppError {
  readonly code = 'activation_code_wrong';

  constructor() {
    super('The activation code is not right.');
  }
}

/** The activation code is right, but expired. */
export class ActivationExpired extends AppError {
  readonly code = 'activation_expired';

  constructor() {
    super('The activation code has expired.');
  }
}

/** There is no phone number that waits for confirmation. */
export class PhoneCodeNotRequested extends AppError {
  readonly code = 'phone_code_not_requested';

  constructor() {
    super('There is no phone number to confirm.');
  }
}

/** There is no e-mail address that waits for a code. */
export class EmailCodeNotRequested extends AppError {
  readonly code = 'email_code_not_requested';

  constructor() {
    super('There is no e-mail address to confirm.');
  }
}

/** The code from the e-mail is wrong. After three wrong codes a new one must be requested. */
export class EmailCodeWrong extends AppError {
  readonly code = 'email_code_wrong';

  constructor() {
    super('The code is not right.');
  }
}

/** The code from the e-mail has expired. A new one must be requested. */
export class EmailCodeExpired extends AppError {
  readonly code = 'email_code_expired';

  constructor() {
    super('The code has expired. Please request a new one.');
  }
}

/** The code from the SMS is wrong. After three wrong codes a new one must be requested. */
export class PhoneCodeWrong extends AppError {
  readonly code = 'phone_code_wrong';

  constructor() {
    super('The code is not right.');
  }
}

/** The code from the SMS has expired. A new one must be requested. */
export class PhoneCodeExpired extends AppError {
  readonly code = 'phone_code_expired';

  constructor() {
    super('The code has expired. Please request a new one.');
  }
}

/** No e-mail address waits for this link, or the link is no longer valid. A page shows this error; the API does not. */
export class EmailLinkInvalid extends Error {}

/** The mail server did not accept the e-mail. */
export class MailNotDelivered extends AppError {
  readonly code = 'mail_not_delivered';

  constructor() {
    super('The e-mail could not be sent. Please try again later.');
  }
}

/** The SMS gateway did not accept the SMS. */
export class SmsNotDelivered extends AppError {
  readonly code = 'sms_not_delivered';

  constructor() {
    super('The SMS could not be sent. Please try again later.');
  }
}

/** The installation has no TURN server. */
export class TurnNotConfigured extends AppError {
  readonly code = 'turn_not_configured';

  constructor() {
    super('There is no TURN server.');
  }
}
