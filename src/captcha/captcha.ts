/** The data that a form needs to prove a person. Each driver has its own. */
export type CaptchaChallenge =
  | { readonly driver: 'none' }
  /** The challenge is JSON. */
  | { readonly driver: 'proof-of-work'; readonly challenge: string }
  /** The key names the site to the provider. */
  | { readonly driver: 'hcaptcha' | 'turnstile'; readonly siteKey: string };

/** A submitted form, and what it is for. */
export interface CaptchaAnswer {
  /** The subject of the challenge. */
  readonly subject: string;
  /** The fields of the form. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The interface to the proof of a person. Each driver implements it. */
export abstract class Captcha {
  /**
   * Returns the challenge for one form.
   *
   * @param subject what the proof is for. An answer is accepted for this subject alone.
   */
  abstract challenge(subject: string): Promise<CaptchaChallenge>;

  /**
   * Whether the answer proves a person.
   *
   * @param signal is aborted when no caller waits any more.
   * @throws OutboundCallFailed if an external service could not be asked.
   */
  abstract isRight(answer: CaptchaAnswer, signal: AbortSignal): Promise<boolean>;
}
