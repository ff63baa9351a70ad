import { secretsEqual } from '../common/secrets.js';
import type { DigestAuthorization } from './digest-authorization.js';
import { hash } from './ha1.js';

/** The `response` that an Authorization header must have (RFC 7616 §3.4.1, qop=auth). */
export function expectedResponse(ha1: string, method: string, answer: Omit<DigestAuthorization, 'response'>): string {
  const ha2 = hash(answer.algorithm, `${method}:${answer.uri}`);
  return hash(answer.algorithm, `${ha1}:${answer.nonce}:${answer.nc}:${answer.cnonce}:${answer.qop}:${ha2}`);
}

/** Whether the answer proves knowledge of the password. */
export function isRightResponse(ha1: string, method: string, answer: DigestAuthorization): boolean {
  return secretsEqual(expectedResponse(ha1, method, answer), answer.response);
}
