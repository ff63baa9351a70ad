/** One use of a nonce by an account. The count is the `nc` of RFC 7616 §3.4. */
export interface NonceUse {
  readonly accountId: number;
  readonly nonce: string;
  /** The creation time of the nonce, in milliseconds. */
  readonly madeAt: number;
  readonly count: number;
}

/** The number of counts, up to the highest one seen, that a store tracks one by one. */
export const WINDOW = 64;

/** Records which counts of which nonces are used. NONCE_STORE selects the store (docs/authentication.md). */
export abstract class NonceStore {
  /**
   * Records the use of a nonce after its Digest response is verified. Each count succeeds at most once, ever.
   *
   * @returns false if this count was used before, is {@link WINDOW} or more below the highest one seen, or may have
   * been used before the store started or lost its memory. The client must then authenticate again with a new nonce.
   * @throws NoncesUnavailable if the store does not answer. The use may or may not be recorded then.
   */
  abstract spend(use: NonceUse, now: Date): Promise<boolean>;
}
