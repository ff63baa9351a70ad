import { BadRequest } from '../http.errors.js';

/** Parses the body of a form (WHATWG URL, application/x-www-form-urlencoded). Empty fields count as absent. */
export function parseFormBody(bytes: Buffer): Record<string, unknown> {
  const fields = bytes.toString('latin1').split('&').map(fieldOf);
  return Object.fromEntries(fields.filter(([name, value]) => /^[a-z_-]+$/.test(name) && value !== ''));
}

/**
 * @throws BadRequest for bytes that are not UTF-8. `URLSearchParams` would replace them by other characters, even in a
 * password.
 */
function fieldOf(field: string): [name: string, value: string] {
  const [name = '', ...value] = field.split('=');
  return [decodeField(name), decodeField(value.join('='))];
}

function decodeField(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    throw new BadRequest();
  }
}
