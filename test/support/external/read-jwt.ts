import { type KeyObject, verify } from 'node:crypto';

/** A JSON Web Token with a valid signature. */
export interface ReadJwt {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
}

/**
 * Verifies and decodes a JSON Web Token like its receiver, written only from RFC 7515 and RFC 7518. It shares no code
 * with the signer.
 *
 * @throws an Error if the token is not in compact form, or not signed by the owner of the key.
 */
export function readJwt(token: string, algorithm: 'ES256' | 'RS256', publicKey: KeyObject): ReadJwt {
  const match = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token);
  if (!match) throw new Error(`not a JSON Web Token: ${token}`);
  const [, header = '', claims = '', signature = ''] = match;
  const bytes = Buffer.from(signature, 'base64url');
  if (algorithm === 'ES256' && bytes.length !== 64) throw new Error(`an ES256 signature of ${bytes.length} bytes`);
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
  if (!verify('sha256', Buffer.from(`${header}.${claims}`), key, bytes)) throw new Error('the signature is wrong');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
  return { header: read(header), claims: read(claims) };
}
