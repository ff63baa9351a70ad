/** A code for a phone number in E.164 form. */
export interface CodeSms {
  readonly kind: 'activation' | 'phone-confirmation';
  readonly to: string;
  readonly code: string;
  /** `Accept-Language` header of the request that sends the code (RFC 9110 §12.5.4). */
  readonly acceptLanguage?: string;
}

/** The interface to the SMS gateway. Each adapter implements it. */
export abstract class SmsSender {
  /**
   * Sends an SMS. Returns once the gateway has accepted it.
   *
   * @param signal is aborted when no caller waits any more.
   * @throws OutboundCallFailed if the gateway did not accept the SMS.
   */
  abstract send(sms: CodeSms, signal: AbortSignal): Promise<void>;
}
