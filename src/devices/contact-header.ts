import type { Registration } from './registrar.js';

/** A quoted string (RFC 3261 §25.1). */
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
/**
 * A Contact header (RFC 3261 §20.10): a name, the URI with its parameters and headers, and the parameters after the
 * URI.
 */
const CONTACT = new RegExp(String.raw`^(?:${QUOTED}|[^<"])*<sips?:([^<>?]*)(?:\?([^<>]*))?>(.*)$`, 'is');
/**
 * A parameter with a quoted or bare value. The match begins at the separator, so that a long text without parameters
 * costs nothing.
 */
const PARAMETER = new RegExp(String.raw`(?:^|[;&])\s*([^;&=\s]+)\s*=\s*(${QUOTED}|[^;&]*)`, 'g');

/** Far more than any proxy accepts. */
const MOST_CHARACTERS = 16_384;

/**
 * Parses a registration as Flexisip stores it in Redis: a Contact header. Its URI has the time of the last update
 * (`updatedAt`, Unix seconds) and, among its headers, the User-Agent. Its parameter `expires` is the lifetime in
 * seconds.
 *
 * @param uniqueId the field of the Redis hash, unchanged.
 * @returns null if the value does not have this form.
 */
export function parseContact(uniqueId: string, value: string): Registration | null {
  if (value.length > MOST_CHARACTERS) return null;
  const [, address = '', headers = '', parameters = ''] = CONTACT.exec(value) ?? [];
  const updatedAt = numberOf(address, 'updatedAt');
  const expires = numberOf(parameters, 'expires');
  if (updatedAt === null || expires === null) return null;
  const userAgent = decode(find(headers, 'user-agent') ?? '');
  return {
    uniqueId,
    updatedAt: new Date(updatedAt * 1000),
    expiresAt: new Date((updatedAt + expires) * 1000),
    userAgent,
  };
}

/** The value of a parameter, or of a header in a URI. Names may have any case. */
function find(text: string, name: string): string | null {
  for (const [, key, value] of text.matchAll(PARAMETER)) {
    if (key?.toLowerCase() === name.toLowerCase()) return value?.trim() ?? '';
  }
  return null;
}

/** A whole number of at most ten digits, which is enough for the seconds of any date that can be shown. */
function numberOf(text: string, name: string): number | null {
  const value = find(text, name);
  return value !== null && /^\d{1,10}$/.test(value) ? Number(value) : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
