import type { SmsText } from './gsm-alphabet.js';

/** An SMS for a gateway. `to` is in E.164 form. */
export type GatewaySms = SmsText & { readonly to: string };

/** A company or a machine that sends SMS. */
export interface SmsGateway {
  /**
   * Submits an SMS.
   *
   * @throws OutboundCallFailed if the gateway did not accept the SMS.
   */
  submit(sms: GatewaySms, signal: AbortSignal): Promise<void>;
}
