import type { DigestAlgorithm } from './ha1.js';

/** A Digest challenge: what a 401, or a 2xx by Digest, tells the client to answer next. */
export interface Challenge {
  readonly realm: string;
  readonly algorithms: readonly DigestAlgorithm[];
  /** In hexadecimal. All fields have the same nonce, since several clients mix the fields. */
  readonly nonce: string;
  /** Random per deployment. It carries no meaning. */
  readonly opaque: string;
  /**
   * The answer is right, but its nonce is not valid, or no longer: the client may answer again without asking for the
   * password.
   */
  readonly stale?: boolean;
}

/**
 * Writes the values of `WWW-Authenticate`, one field for each algorithm, exactly as protocol §2 shows them. Deployed
 * clients parse them by position and quotes.
 */
export function challengeHeaders({ realm, algorithms, nonce, opaque, stale }: Challenge): string[] {
  return algorithms.map(
    (algorithm) =>
      `Digest realm="${realm}",qop="auth",algorithm=${algorithm},nonce="${nonce}",opaque="${opaque}"${stale ? ',stale=true' : ''}`,
  );
}
