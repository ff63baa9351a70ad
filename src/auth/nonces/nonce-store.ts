/** One use of a nonce by an account: its count is the `nc` of RFC 7616 §3.4. */
export interface NonceUse {
  readonly accountId: number;
  readonly nonce: string;
  /** When the nonce was made, in milliseconds. */
  readonly madeAt: number;
  readonly count: number;
}

/** Counts of a nonce that are known one by one: those so far below the highest one seen. */
export const WINDOW = 64;

/** Remembers which counts of which nonces have been used, in the place that NONCE_STORE names (docs/authentication.md). */
export abstract class NonceStore {
  /**
   * Records the use of a nonce whose answer has been proven right; at most once for each count, ever.
   *
   * @returns false if this count was used before, lies {@link WINDOW} or more below the highest one seen, or may have been used
   *   when the store had not begun, or lost, its memory: the client then answers anew, with a nonce of now.
   * @throws NoncesUnavailable if the store does not answer; whether the use is recorded is then not known.
   */
  abstract spend(use: NonceUse, now: Date): Promise<boolean>;
}
