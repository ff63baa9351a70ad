/** A token for a device. The push parameters name the device (RFC 8599 §4). */
export interface TokenPush {
  readonly pnProvider: 'apns' | 'apns.dev' | 'fcm';
  readonly pnParam: string;
  readonly pnPrid: string;
  readonly token: string;
}

/** The push parameters of a device (RFC 8599). */
export type PushTarget = Omit<TokenPush, 'token'>;

/** The interface to the push services. Each adapter implements it. */
export abstract class PushSender {
  /**
   * Pushes `{"token": "…"}` to the device. Returns once the push service has accepted it.
   *
   * @param signal is aborted when no caller waits any more.
   * @throws OutboundCallFailed if the push service did not accept the push.
   */
  abstract send(push: TokenPush, signal: AbortSignal): Promise<void>;
}
