/**
 * A mail of this service. `account` is the SIP address it is about, as people are shown it (`sip:user@domain`); `acceptLanguage` what the
 * request that led to it said of languages (RFC 9110 §12.5.4).
 */
export type Mail = { readonly to: string; readonly account: string; readonly acceptLanguage?: string } & (
  | { readonly kind: 'activation'; readonly code: string; readonly expires: Date }
  /** To the new address; `link` opens the confirmation page. */
  | { readonly kind: 'email-confirmation'; readonly link: string; readonly expires: Date }
  /** To the old address. */
  | { readonly kind: 'email-changed'; readonly newEmail: string }
  | { readonly kind: 'password-set' }
);

/** The border to the mail server. */
export abstract class Mailer {
  /**
   * Returns once the mail server has taken the mail.
   *
   * @param signal is aborted when no caller waits any more.
   * @throws OutboundCallFailed if it was not taken.
   */
  abstract send(mail: Mail, signal: AbortSignal): Promise<void>;
}
