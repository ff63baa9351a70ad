/** A token for a device, named by its push parameters (RFC 8599 §4). */
export interface TokenPush {
  readonly pnProvider: 'apns' | 'apns.dev' | 'fcm';
  readonly pnParam: string;
  readonly pnPrid: string;
  readonly token: string;
}

/** A device, as push services name it (RFC 8599). */
export type PushTarget = Omit<TokenPush, 'token'>;

/** The push services. */
export abstract class PushSender {
  /**
   * Pushes `{"token": "…"}` to the device. Returns once the push service has taken it.
   *
   * @param signal is aborted when no caller waits any more.
   * @throws OutboundCallFailed if it was not taken.
   */
  abstract send(push: TokenPush, signal: AbortSignal): Promise<void>;
}
