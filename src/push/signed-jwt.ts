import { type KeyObject, sign } from 'node:crypto';

/**
 * Returns a signed JSON Web Token (RFC 7519) in its compact form.
 *
 * @param key EC P-256 for ES256, RSA for RS256 (RFC 7518 §3).
 */
export function signedJwt(algorithm: 'ES256' | 'RS256', key: KeyObject, header: object, claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const content = `${encode({ alg: algorithm, typ: 'JWT', ...header })}.${encode(claims)}`;
  // RFC 7518 §3.4 requires the two numbers of an EC signature side by side, not in DER.
  const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
  return `${content}.${signature.toString('base64url')}`;
}
