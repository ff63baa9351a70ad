import type { DigestAlgorithm } from './ha1.js';

/** What a 401, or a 2xx by Digest, tells the client to answer next. */
export interface Challenge {
  readonly realm: string;
  readonly algorithms: readonly DigestAlgorithm[];
  /** In hexadecimal; the same in every field, since several clients mix them. */
  readonly nonce: string;
  /** Random per deployment, means nothing. */
  readonly opaque: string;
  /** The answer was right, and only its nonce is not, or no longer, good: the client may answer again without asking. */
  readonly stale?: boolean;
}

/**
 * Writes the values of `WWW-Authenticate`, one field for each algorithm, exactly as protocol §2 has them:
 * deployed clients parse them by position and quotes.
 */
export function challengeHeaders({ realm, algorithms, nonce, opaque, stale }: Challenge): string[] {
  return algorithms.map(
    (algorithm) =>
      `Digest realm="${realm}",qop="auth",algorithm=${algorithm},nonce="${nonce}",opaque="${opaque}"${stale ? ',stale=true' : ''}`,
  );
}
