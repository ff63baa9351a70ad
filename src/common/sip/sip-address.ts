import { isIPv4 } from 'node:net';

/** A SIP address, `sip:username@domain`. Both parts compare byte for byte (protocol §1). */
export interface SipAddress {
  readonly username: string;
  readonly domain: string;
}

/** Labels of RFC 1123 §2.1 in lower case, at most as long as the column. */
const DOMAIN = /^(?=.{1,64}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * Characters that the user part may hold unescaped (RFC 3261 §25.1: unreserved and user-unreserved, and the colon of a
 * password).
 */
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/:#]|%[0-9A-Fa-f]{2})+$/;
/** Host, with an optional port or brackets. With either, it never equals the domain of an account. */
const HOST = /^[A-Za-z0-9.\-_:[\]]+$/;
const CONTROL = /\p{Cc}/u;

/**
 * Parses the value of a `From` header as protocol §2 defines it: the scheme `sip:` in any case and one `@`. The user is
 * percent-decoded. Everything from the first `;` is ignored.
 *
 * @returns null for another form, for encoded control characters and for bytes that are not UTF-8.
 */
export function parseFrom(header: string): SipAddress | null {
  const [address = ''] = header.split(';', 1);
  if (!/^sip:/i.test(address)) return null;
  const [user, host, ...rest] = address.slice('sip:'.length).split('@');
  if (user === undefined || host === undefined || rest.length > 0) return null;
  if (!USER.test(user) || !HOST.test(host)) return null;
  const username = decode(user);
  return username === null || CONTROL.test(username) ? null : { username, domain: host };
}

/**
 * Parses `user@domain` from a path that the router has percent-decoded.
 *
 * @returns null unless there is exactly one `@` between two parts.
 */
export function parseSipPath(text: string): SipAddress | null {
  const [username, domain, ...rest] = text.split('@');
  return username && domain && rest.length === 0 ? { username, domain } : null;
}

/** Whether accounts can be in this domain: a lower-case host name or an IPv4 address, of at most 64 characters. */
export function isSipDomain(text: string): boolean {
  // A host name cannot end in a number, so such a text must be an IPv4 address.
  return DOMAIN.test(text) && (!/(^|\.)\d+$/.test(text) || isIPv4(text));
}

/**
 * Parses what a person types: with or without `sip:`, angle brackets, parameters or surrounding blanks. After `sip:`,
 * the user part is percent-decoded, as in a `From` header.
 *
 * @param defaultDomain domain of a username that stands alone. Without it, such a text is not an address.
 * @returns null if the text is not a SIP address.
 */
export function parseTypedSip(typed: string, defaultDomain?: string): SipAddress | null {
  const text = typed
    .trim()
    .replace(/^<(.*)>$/, '$1')
    .trim();
  const withDomain =
    text !== '' && !text.includes('@') && defaultDomain !== undefined ? `${text}@${defaultDomain}` : text;
  return /^sip:/i.test(withDomain)
    ? (parseFrom(withDomain) ?? parseSipPath(withDomain.slice('sip:'.length)))
    : parseSipPath(withDomain);
}

/**
 * `sip:user@domain`, the only form shown to people. Panel, commands, settings and the `From` header accept it. Paths
 * take {@link formatSip}.
 */
export function displaySip({ username, domain }: SipAddress): string {
  return `sip:${username.replace(/[^A-Za-z0-9\-_.!~*'()&=+$,?/:#]/gu, (character) => encodeURIComponent(character.toWellFormed()))}@${domain}`;
}

/** `user@domain`, the form in logs, keys and paths. */
export function formatSip({ username, domain }: SipAddress): string {
  return `${username}@${domain}`;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
