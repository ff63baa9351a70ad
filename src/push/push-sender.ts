import type { Delivery } from '../common/delivery.js';

/** A token for a device, named by its push parameters (RFC 8599 §4). */
export interface TokenPush {
  readonly pnProvider: 'apns' | 'apns.dev' | 'fcm';
  readonly pnParam: string;
  readonly pnPrid: string;
  readonly token: string;
}

/** The border to the push services. */
export abstract class PushSender {
  /**
   * Pushes `{"token": "…"}` to the device.
   *
   * @param signal is aborted when nobody waits for the outcome any more.
   * @returns whether the push service took it, and why not.
   */
  abstract send(push: TokenPush, signal: AbortSignal): Promise<Delivery>;
}
