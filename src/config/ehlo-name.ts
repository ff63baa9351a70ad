import { hostname } from 'node:os';
import { isIP, isIPv4, isIPv6 } from 'node:net';

/** A domain of RFC 5321 §4.1.2: letters, digits and hyphens, 255 characters at most. */
const DOMAIN = /^(?=.{1,255}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

const LOOPBACK = /^\[(127\..*|IPv6:::1)\]$/i;

/** Whether a text may follow EHLO (RFC 5321 §4.1.1.1): a domain, or an address literal such as `[192.0.2.1]`. */
export function isEhloName(text: string): boolean {
  const [, address] = /^\[(.*)\]$/.exec(text) ?? [];
  if (address === undefined) return isDomain(text);
  const [, ipv6 = ''] = /^IPv6:(.*)$/i.exec(address) ?? [];
  return isIPv4(address) || (isIPv6(ipv6) && !ipv6.includes('%'));
}

/**
 * The name for EHLO if MAIL_EHLO_NAME is not set. Mail servers reject names that other hosts do not know. The name of
 * the system is therefore used if the host of APP_URL is a loopback address or has no dot.
 *
 * @param publicUrl APP_URL.
 */
export function defaultEhloName(publicUrl: string, systemName: string = hostname()): string {
  const ofUrl = ehloNameOf(new URL(publicUrl).hostname);
  return [ofUrl, systemName].find(isKnownElsewhere) ?? (isEhloName(ofUrl) ? ofUrl : '[127.0.0.1]');
}

/** Converts the host of a URL: an address to the form of RFC 5321 §4.1.3; a name stays as it is. */
function ehloNameOf(host: string): string {
  const address = host.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return host.replace(/\.$/, '');
  return isIPv4(address) ? `[${address}]` : `[IPv6:${address}]`;
}

function isKnownElsewhere(name: string): boolean {
  return name.startsWith('[') ? !LOOPBACK.test(name) : isDomain(name) && name.includes('.');
}

/** A name that ends in a number would be an address, which has another form. */
function isDomain(text: string): boolean {
  return DOMAIN.test(text) && !/(^|\.)\d+$/.test(text);
}
