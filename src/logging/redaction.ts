import { printable } from './printable.js';

/**
 * Names of fields that are never logged, as requests, answers, entities, settings and drivers call them, in lower case.
 * No current log line has such a field. This protects against a later line that logs a whole object.
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
  // A failed statement carries the values that it should write.
  'parameters',
]);

const CENSORED = '[Redacted]';

/** Depth to which an object is logged. Deeper values are left out, so a circular object ends there. */
const DEEPEST = 6;

/**
 * Returns the fields as they are logged. Fields named like a secret are censored at any depth. Of an error, only type,
 * message and stack remain; members that a library added are left out.
 *
 * This is our own code because pino's `redact`, with as many paths, makes a line cost twenty times as much, and every
 * request writes one.
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
