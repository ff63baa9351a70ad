import { AppError } from '../common/errors/app-error.js';

/** The body is not a JSON text. */
export class BodyNotJson extends AppError {
  readonly code = 'body_not_json';

  constructor() {
    super('The request body is not valid JSON.');
  }
}

/** The body is JSON, but not an object. */
export class BodyNotObject extends AppError {
  readonly code = 'body_not_object';

  constructor() {
    super('The request body must be a JSON object.');
  }
}

/** Maximum size of a body in bytes, unless the route sets another limit (protocol §1). */
export const BODY_LIMIT = 65_536;

/** The body has no media type, or one that the route does not read. */
export class BodyTypeUnsupported extends AppError {
  readonly code = 'body_type_unsupported';

  /** @param accepted the media types that the route reads. */
  constructor(accepted: readonly string[] = ['application/json']) {
    super(`The request body must be sent as ${accepted.join(' or ')}.`);
  }
}

/** The body has more bytes than the route accepts. */
export class BodyTooLarge extends AppError {
  readonly code = 'body_too_large';

  /** @param limit maximum size of a body in bytes. */
  constructor(limit: number) {
    const size = limit % 1024 === 0 ? `${limit / 1024} KiB` : `${limit} bytes`;
    super(`The request body is too large: at most ${size} are accepted.`);
  }
}

/** No route has this path. */
export class RouteNotFound extends AppError {
  readonly code = 'route_not_found';

  constructor() {
    super('There is nothing at this address.');
  }
}

/** The route does not support this method. `Allow` in the answer lists those that it supports. */
export class MethodNotAllowed extends AppError {
  readonly code = 'method_not_allowed';

  constructor() {
    super('This method is not allowed here.');
  }
}

/** The request cannot be understood. */
export class BadRequest extends AppError {
  readonly code = 'bad_request';

  constructor() {
    super('The request cannot be understood.');
  }
}
