/** A code for a phone number, E.164. */
export interface CodeSms {
  readonly kind: 'activation' | 'phone-confirmation';
  readonly to: string;
  readonly code: string;
  /** What the request that led to it said of languages (RFC 9110 §12.5.4). */
  readonly acceptLanguage?: string;
}

/** The border to the SMS gateway. */
export abstract class SmsSender {
  /**
   * Returns once the gateway has taken the SMS.
   *
   * @param signal is aborted when no caller waits any more.
   * @throws OutboundCallFailed if it was not taken.
   */
  abstract send(sms: CodeSms, signal: AbortSignal): Promise<void>;
}
