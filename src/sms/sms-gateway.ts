import type { SmsText } from './gsm-alphabet.js';

/** An SMS as a gateway takes it; `to` is E.164. */
export type GatewaySms = SmsText & { readonly to: string };

/** One of the companies, or machines, that send SMS. */
export interface SmsGateway {
  /**
   * Hands an SMS over.
   *
   * @throws OutboundCallFailed if the gateway did not take it.
   */
  submit(sms: GatewaySms, signal: AbortSignal): Promise<void>;
}
