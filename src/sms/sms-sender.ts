import type { Delivery } from '../common/delivery.js';

/** A code for a phone number, E.164. */
export interface CodeSms {
  readonly kind: 'activation' | 'phone-confirmation';
  readonly to: string;
  readonly code: string;
}

/** The border to the SMS gateway. */
export abstract class SmsSender {
  /**
   * @param signal is aborted when nobody waits for the outcome any more.
   * @returns whether the gateway took it, and why not.
   */
  abstract send(sms: CodeSms, signal: AbortSignal): Promise<Delivery>;
}
