import { REPLACEMENT } from '../common/utf8.js';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './ha1.js';

/** The parameters of `Authorization: Digest` that this service supports (RFC 7616 §3.4). Values are exactly as sent. */
export interface DigestAuthorization {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly algorithm: DigestAlgorithm;
  readonly qop: 'auth';
  readonly nc: string;
  readonly cnonce: string;
  readonly response: string;
  /** Absent if the client does not repeat it. */
  readonly opaque?: string;
}

// Equivalent mutant `/^Digest /i`: the first parameter skips the blanks before it.
const SCHEME = /^Digest +/i;
/** One parameter with the blanks around it (RFC 9110 §11.2; quoted-string of §5.6.4). The expression is sticky. */
const PARAMETER =
  /[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-./:=^_`|~0-9A-Za-z?@[\]{}()<>;]+))[ \t]*/y;

/**
 * Parses the value of an Authorization header.
 *
 * The scheme and names may have any case. Parameters may have any order, may be quoted or bare, and may have blanks
 * after commas. Unknown parameters are ignored. An absent `algorithm` means MD5.
 *
 * @param header as `readAsUtf8` has decoded it: names are UTF-8 (RFC 7616 §4).
 * @returns null for another scheme, a repeated parameter, bytes that are not UTF-8, and a missing or malformed
 * parameter (protocol §2).
 */
export function parseDigestAuthorization(header: string): DigestAuthorization | null {
  // Different bytes would become the same name.
  if (header.includes(REPLACEMENT)) return null;
  const scheme = SCHEME.exec(header);
  const parameters = scheme === null ? null : parseParameters(header.slice(scheme[0].length));
  if (parameters === null) return null;

  const {
    username,
    realm,
    nonce,
    uri,
    response,
    qop,
    nc,
    cnonce,
    opaque,
    algorithm = 'MD5',
  } = Object.fromEntries(parameters);
  // Equivalent mutant `|| !cnonce))`: the form of nc is checked below, and undefined does not have it.
  if (!username || realm === undefined || !nonce || !uri || !response || !cnonce || !nc) return null;
  if (qop !== 'auth' || !isAlgorithm(algorithm)) return null;
  if (!/^[0-9a-f]{8}$/i.test(nc) || nc === '00000000') return null;
  return { username, realm, nonce, uri, algorithm, qop, nc, cnonce, response, opaque };
}

function isAlgorithm(name: string): name is DigestAlgorithm {
  return (DIGEST_ALGORITHMS as readonly string[]).includes(name);
}

/** Splits `name=value, name="value"`. A comma inside quotes belongs to the value. */
function parseParameters(list: string): Map<string, string> | null {
  const parameters = new Map<string, string>();
  // Equivalent mutant `position = -1`: a lastIndex below 0 counts as 0.
  let position = 0;
  while (position < list.length) {
    PARAMETER.lastIndex = position;
    const match = PARAMETER.exec(list);
    if (match === null) return null;
    const name = String(match[1]).toLowerCase();
    if (parameters.has(name)) return null;
    // Equivalent mutant `(.)/g,`: PARAMETER lets no line end follow a backslash.
    parameters.set(name, match[2]?.replace(/\\(.)/gs, '$1') ?? String(match[3]));
    position = PARAMETER.lastIndex;
    if (position < list.length && list[position] !== ',') return null;
    position += 1;
  }
  return parameters;
}
