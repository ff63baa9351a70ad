import { printable } from './printable.js';

/**
 * Names of fields that are never written to the log, as requests, answers, entities, settings and drivers call them, in
 * lower case. No line of ours has one: this is for the line that somebody adds in a year, with a whole object in it.
 */
const SECRET_FIELDS = new Set([
  'password',
  'old_password',
  'oldpassword',
  'ha1',
  'hash',
  'token',
  'code',
  'confirmation_key',
  'confirmationkey',
  'key',
  'apikey',
  'api_key',
  'appkey',
  'secret',
  'link',
  'nonce',
  'cnonce',
  'response',
  'authorization',
  'x-api-key',
  'cookie',
  'set-cookie',
  // A failed statement carries the values it was to write.
  'parameters',
]);

const CENSORED = '[Redacted]';

/** How deep an object is looked into; what lies deeper is not written, and a circle ends. */
const DEEPEST = 6;

/**
 * What is logged of some fields: those called like a secret are censored, however deep they lie. Of an error its type,
 * message and stack are left, and nothing of what a library hung on it.
 *
 * By hand: with as many paths, pino's own `redact` makes a line cost twenty times as much, and every request writes one.
 */
export function withoutSecrets(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const censored: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    censored[name] = SECRET_FIELDS.has(name.toLowerCase()) ? CENSORED : valueWithoutSecrets(value, depth + 1);
  }
  return censored;
}

function valueWithoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth > DEEPEST) return CENSORED;
  if (value instanceof Error) return { type: value.name, message: value.message, stack: printable(value.stack ?? '') };
  if (Array.isArray(value)) return value.map((one) => valueWithoutSecrets(one, depth + 1));
  return withoutSecrets(value as Record<string, unknown>, depth);
}
