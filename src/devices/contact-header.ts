import type { Registration } from './registrar.js';

/** A quoted string (RFC 3261 §25.1). */
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
/** A Contact header (RFC 3261 §20.10): a name, the URI with its parameters and headers, and the parameters behind it. */
const CONTACT = new RegExp(String.raw`^(?:${QUOTED}|[^<"])*<sips?:([^<>?]*)(?:\?([^<>]*))?>(.*)$`, 'is');
/** A parameter, its value quoted or not; found from its separator on, so that long text without any costs nothing. */
const PARAMETER = new RegExp(String.raw`(?:^|[;&])\s*([^;&=\s]+)\s*=\s*(${QUOTED}|[^;&]*)`, 'g');

/** Far beyond any that a proxy would accept. */
const MOST_CHARACTERS = 16_384;

/**
 * Reads a registration as Flexisip keeps it in Redis: a Contact header, whose URI says when it was updated (`updatedAt`, Unix
 * seconds) and carries the User-Agent among its headers, and whose parameter `expires` says for how many seconds it holds.
 *
 * @param uniqueId the field of the hash, as it is.
 * @returns null if it is not of this form.
 */
export function parseContact(uniqueId: string, value: string): Registration | null {
  if (value.length > MOST_CHARACTERS) return null;
  const [, address = '', headers = '', parameters = ''] = CONTACT.exec(value) ?? [];
  const updatedAt = numberOf(address, 'updatedAt');
  const expires = numberOf(parameters, 'expires');
  if (updatedAt === null || expires === null) return null;
  const userAgent = decode(find(headers, 'user-agent') ?? '');
  return { uniqueId, updatedAt: new Date(updatedAt * 1000), expiresAt: new Date((updatedAt + expires) * 1000), userAgent };
}

/** The value of a parameter, or of a header in a URI, whatever the case of its name. */
function find(text: string, name: string): string | null {
  for (const [, key, value] of text.matchAll(PARAMETER)) {
    if (key?.toLowerCase() === name.toLowerCase()) return value?.trim() ?? '';
  }
  return null;
}

/** A whole number of at most ten digits: the seconds of any date that can be shown. */
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
