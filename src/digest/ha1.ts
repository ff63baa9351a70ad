import { hash as hashOf } from 'node:crypto';

/** The hash algorithms of Digest (RFC 7616 §6.1), in the order of the challenges. */
export const DIGEST_ALGORITHMS = ['MD5', 'SHA-256'] as const;

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

const HASH_NAMES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

/** H(text) of RFC 7616 §3.3, in lower-case hexadecimal. */
export function hash(algorithm: DigestAlgorithm, text: string): string {
  return hashOf(HASH_NAMES[algorithm], text, 'hex');
}

/**
 * HA1, H(username:realm:password) of RFC 7616 §3.4.2. It is what a password is stored as and what an answer is checked
 * with. This function makes all of them, and Flexisip computes the same value.
 */
export function ha1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return hash(algorithm, `${username}:${realm}:${password}`);
}
