import { AppError } from '../common/errors/app-error.js';

/** The account has no device with this id. */
export class DeviceNotFound extends AppError {
  readonly code = 'device_not_found';

  constructor() {
    super('This device does not exist.');
  }
}

/** The SIP proxy does not answer. */
export class DevicesUnavailable extends AppError {
  readonly code = 'devices_unavailable';
  override readonly retryAfter = 10;

  constructor() {
    super('The devices cannot be reached at the moment. Please try again later.');
  }
}
