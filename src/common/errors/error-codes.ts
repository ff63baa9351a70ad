import { HttpStatus } from '@nestjs/common';

/**
 * Every error code of the API with its HTTP status (protocol §1). The codes are stable: clients may rely on them. A
 * code without a status does not compile.
 */
const apiStatuses = {
  body_not_json: HttpStatus.BAD_REQUEST,
  body_not_object: HttpStatus.BAD_REQUEST,
  from_ambiguous: HttpStatus.BAD_REQUEST,
  bad_request: HttpStatus.BAD_REQUEST,
  authentication_required: HttpStatus.UNAUTHORIZED,
  credentials_invalid: HttpStatus.UNAUTHORIZED,
  nonce_invalid: HttpStatus.UNAUTHORIZED,
  nonce_replayed: HttpStatus.UNAUTHORIZED,
  account_not_activated: HttpStatus.FORBIDDEN,
  account_blocked: HttpStatus.FORBIDDEN,
  account_unvalidated: HttpStatus.FORBIDDEN,
  admin_required: HttpStatus.FORBIDDEN,
  own_account: HttpStatus.FORBIDDEN,
  last_administrator: HttpStatus.FORBIDDEN,
  activation_expired: HttpStatus.FORBIDDEN,
  phone_code_wrong: HttpStatus.FORBIDDEN,
  phone_code_expired: HttpStatus.FORBIDDEN,
  email_code_wrong: HttpStatus.FORBIDDEN,
  email_code_expired: HttpStatus.FORBIDDEN,
  token_already_sent: HttpStatus.FORBIDDEN,
  token_limit_reached: HttpStatus.FORBIDDEN,
  route_not_found: HttpStatus.NOT_FOUND,
  account_not_found: HttpStatus.NOT_FOUND,
  device_not_found: HttpStatus.NOT_FOUND,
  token_not_found: HttpStatus.NOT_FOUND,
  turn_not_configured: HttpStatus.NOT_FOUND,
  request_token_not_validated: HttpStatus.NOT_FOUND,
  activation_code_wrong: HttpStatus.NOT_FOUND,
  phone_code_not_requested: HttpStatus.NOT_FOUND,
  email_code_not_requested: HttpStatus.NOT_FOUND,
  method_not_allowed: HttpStatus.METHOD_NOT_ALLOWED,
  precondition_failed: HttpStatus.PRECONDITION_FAILED,
  body_too_large: HttpStatus.PAYLOAD_TOO_LARGE,
  body_type_unsupported: HttpStatus.UNSUPPORTED_MEDIA_TYPE,
  validation_failed: HttpStatus.UNPROCESSABLE_ENTITY,
  username_taken: HttpStatus.UNPROCESSABLE_ENTITY,
  phone_taken: HttpStatus.UNPROCESSABLE_ENTITY,
  token_invalid: HttpStatus.UNPROCESSABLE_ENTITY,
  old_password_wrong: HttpStatus.UNPROCESSABLE_ENTITY,
  email_unchanged: HttpStatus.UNPROCESSABLE_ENTITY,
  too_many_attempts: HttpStatus.TOO_MANY_REQUESTS,
  internal_error: HttpStatus.INTERNAL_SERVER_ERROR,
  push_not_delivered: HttpStatus.SERVICE_UNAVAILABLE,
  mail_not_delivered: HttpStatus.SERVICE_UNAVAILABLE,
  sms_not_delivered: HttpStatus.SERVICE_UNAVAILABLE,
  devices_unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  limits_unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  nonces_unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  database_unavailable: HttpStatus.SERVICE_UNAVAILABLE,
} as const satisfies Record<string, HttpStatus>;

/** Errors that only pages answer with. A page shows them as text. */
const pageStatuses = {
  sign_in_required: HttpStatus.FORBIDDEN,
  sign_in_refused: HttpStatus.FORBIDDEN,
  form_expired: HttpStatus.FORBIDDEN,
  person_not_proven: HttpStatus.UNPROCESSABLE_ENTITY,
  captcha_unavailable: HttpStatus.SERVICE_UNAVAILABLE,
} as const satisfies Record<string, HttpStatus>;

export const errorStatuses = { ...apiStatuses, ...pageStatuses };

/** The codes that clients of the API may receive. */
export const apiErrorCodes = Object.keys(apiStatuses);

export type ErrorCode = keyof typeof errorStatuses;
