/** A request target that names a resource (RFC 9112 §3.2). */
export interface RequestTarget {
  /** Host and port of the absolute form, in lower case; null for the origin form. */
  readonly authority: string | null;
  /** Path and query, exactly as sent. It begins with `/`. */
  readonly path: string;
}

/** The absolute form. User information in it is an error (RFC 9110 §4.2.4), and so is an empty host (§4.2.1). */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#@]+)([/?#].*)?$/is;

/**
 * Parses a request target. A server must accept the absolute form (RFC 9112 §3.2.2): proxies and some clients send it.
 *
 * @returns null for the other forms (`*`, `host:port`), for other schemes, and for text that is not a target.
 */
export function parseRequestTarget(target: string): RequestTarget | null {
  if (target.startsWith('/')) return { authority: null, path: target };
  const match = ABSOLUTE_FORM.exec(target);
  if (!match) return null;
  const [, authority = '', rest = ''] = match;
  // The path may be empty (§3.2.1): `http://example.org?x` asks for `/?x`.
  return { authority: authority.toLowerCase(), path: rest.startsWith('/') ? rest : `/${rest}` };
}
