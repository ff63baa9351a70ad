/**
 * A mail of this service. `account` is the SIP address that the mail is about, in the form shown to people
 * (`sip:user@domain`). `acceptLanguage` is the header of the request that sends the mail (RFC 9110 §12.5.4).
 */
export type Mail = { readonly to: string; readonly account: string; readonly acceptLanguage?: string } & (
  | { readonly kind: 'activation'; readonly code: string; readonly expires: Date }
  /** To the new address. `link` opens the confirmation page. The code may be typed into the app instead. */
  | { readonly kind: 'email-confirmation'; readonly link: string; readonly code: string; readonly expires: Date }
  /** To the old address. */
  | { readonly kind: 'email-changed'; readonly newEmail: string }
  | { readonly kind: 'password-set' }
);

/** The interface to the mail server. Each adapter implements it. */
export abstract class Mailer {
  /**
   * Sends a mail. Returns once the mail server has accepted it.
   *
   * @param signal is aborted when no caller waits any more.
   * @throws OutboundCallFailed if the mail server did not accept the mail.
   */
  abstract send(mail: Mail, signal: AbortSignal): Promise<void>;
}
