import type { Delivery } from '../common/delivery.js';

/** A mail of this service. `account` is the SIP address it is about, `user@domain`. */
export type Mail = { readonly to: string; readonly account: string } & (
  | { readonly kind: 'activation'; readonly code: string; readonly expires: Date }
  /** To the new address; `link` opens the confirmation page. */
  | { readonly kind: 'email-confirmation'; readonly link: string }
  /** To the old address. */
  | { readonly kind: 'email-changed'; readonly newEmail: string }
  | { readonly kind: 'password-set' }
);

/** The border to the mail server. */
export abstract class Mailer {
  /**
   * @param signal is aborted when nobody waits for the outcome any more.
   * @returns whether the mail server took it, and why not.
   */
  abstract send(mail: Mail, signal: AbortSignal): Promise<Delivery>;
}
