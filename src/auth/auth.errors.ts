import { AppError } from '../common/errors/app-error.js';

/** Why credentials are rejected. Only operators see it: the response does not tell an attacker which part was wrong. */
export const REFUSAL_REASONS = [
  'unknown_account',
  'wrong_key',
  'wrong_password',
  'wrong_response',
  'other_request',
  'malformed',
  'foreign_nonce',
  'expired_nonce',
  'replayed_nonce',
  'limit',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** The request has two `From` headers. */
export class FromAmbiguous extends AppError {
  readonly code = 'from_ambiguous';

  constructor() {
    super('The request must have only one From header.');
  }
}

/** No credentials were sent. */
export class AuthenticationRequired extends AppError {
  readonly code = 'authentication_required';

  constructor() {
    super('Authentication is required.');
  }
}

/** The API key or the Digest response is wrong or malformed, or has another scheme. */
export class CredentialsInvalid extends AppError {
  readonly code = 'credentials_invalid';

  constructor(readonly reason: RefusalReason = 'malformed') {
    super('The credentials are not valid.');
  }
}

/** The Digest nonce is unknown, belongs to another account, or has expired. */
export class NonceInvalid extends AppError {
  readonly code = 'nonce_invalid';

  constructor(readonly reason: RefusalReason = 'foreign_nonce') {
    super('Nonce invalid. Please authenticate again.');
  }
}

/** The Digest nonce was already used with this count, or the count is too far ahead. */
export class NonceReplayed extends AppError {
  readonly code = 'nonce_replayed';
  readonly reason: RefusalReason = 'replayed_nonce';

  constructor() {
    super('Nonce replayed. Please authenticate again.');
  }
}

/** There is no session of the panel, or it has ended. */
export class SignInRequired extends AppError {
  readonly code = 'sign_in_required';

  constructor() {
    super('Please sign in.');
  }
}

/** The SIP address or the password of a sign-in is wrong. */
export class SignInRefused extends AppError {
  readonly code = 'sign_in_refused';

  /** @param reason for operators; the response does not contain it. */
  constructor(readonly reason: RefusalReason) {
    super('The SIP address or the password is not right.');
  }
}

/** The credentials are valid, but the account is not activated. */
export class AccountNotActivated extends AppError {
  readonly code = 'account_not_activated';

  constructor() {
    super('This account is not activated.');
  }
}

/**
 * The credentials are valid, but the account is not activated, and has no account creation token with which it could
 * activate itself.
 */
export class AccountUnvalidated extends AppError {
  readonly code = 'account_unvalidated';

  constructor() {
    super('This account is not validated.');
  }
}

/** The credentials are valid, but an administrator has blocked the account. */
export class AccountBlocked extends AppError {
  readonly code = 'account_blocked';

  constructor() {
    super('This account is blocked.');
  }
}

/** The credentials are valid, but the account is not an administrator. */
export class AdminRequired extends AppError {
  readonly code = 'admin_required';

  constructor() {
    super('Only administrators can do this.');
  }
}

/** The nonce store does not respond. Without it a replayed Digest response cannot be detected, so none is accepted. */
export class NoncesUnavailable extends AppError {
  readonly code = 'nonces_unavailable';
  override readonly retryAfter = 5;

  constructor() {
    super('The service is temporarily unavailable. Please try again in a moment.');
  }
}
