import { isIP } from 'node:net';
import { z } from 'zod';
import { isSipDomain } from '../common/sip/sip-address.js';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, `must be ${names.map((name) => `"${name}"`).join(' or ')}`);

const DAYS = 86_400;
const seconds = wholeNumber(1, 366 * DAYS);

/** Items separated by commas, blanks around them dropped, each checked. */
const list = (isValid: (item: string) => boolean, message: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .refine((items) => items.length > 0 && items.every(isValid), message);

function isAddressOrNetwork(text: string): boolean {
  const [address, prefix, ...rest] = text.split('/');
  const family = isIP(address ?? '');
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

const publicUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '';
}, 'must be an http or https URL without query, like https://example.org/flexiapi');

/**
 * One schema for each variable of contract §9 that this version knows.
 * Values are never repeated in a message: some are secrets.
 */
export const variables = {
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  APP_URL: publicUrl.optional(),
  APP_NAME: z
    .string()
    .max(64, 'must have at most 64 characters')
    .regex(/^\P{Cc}+$/u, 'must not hold control characters')
    .default('Flexisip API'),
  APP_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  APP_SIP_DOMAIN: list(isSipDomain, 'must be lower-case host names of at most 64 characters, separated by commas').default([
    'sip.example.org',
  ]),
  ACCOUNT_REALM: z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
    .regex(/^[^"\\]*$/, 'must not hold quotes or backslashes')
    .optional(),
  DB_DRIVER: oneOf(['sqlite', 'mysql']).default('sqlite'),
  DB_HOST: z.string().default('127.0.0.1'),
  DB_PORT: wholeNumber(1, 65_535).default(3306),
  DB_DATABASE: z.string().optional(),
  DB_USERNAME: z.string().optional(),
  DB_PASSWORD: z.string().default(''),
  DB_MIGRATE: oneOf(['true', 'false']).default('true'),
  PUSH_DRIVER: oneOf(['log']).optional(),
  MAIL_DRIVER: oneOf(['log']).optional(),
  SMS_DRIVER: oneOf(['log']).optional(),
  DEVICES_DRIVER: oneOf(['none']).optional(),
  USERNAME_MIN_LENGTH: wholeNumber(1, 64).default(6),
  USERNAME_PATTERN: z.string().refine(isPattern, 'must be a regular expression').default('[a-z0-9._+-]+'),
  TOKEN_LIFETIME: seconds.default(DAYS),
  ACTIVATION_EMAIL_LIFETIME: seconds.default(DAYS),
  ACTIVATION_PHONE_LIFETIME: seconds.default(3_600),
  NONCE_STORE: oneOf(['database']).default('database'),
  NONCE_LIFETIME: wholeNumber(10, DAYS).default(300),
  RATE_LIMITS: oneOf(['on', 'off']).default('on'),
  TRUST_PROXY: list(isAddressOrNetwork, 'must be IP addresses or networks like 10.0.0.0/8, separated by commas').default([]),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  LOG_FORMAT: oneOf(['json', 'pretty']).optional(),
  WEB_CONCURRENCY: oneOf(['1']).default('1'),
};

/** Variables that may also be given as `NAME_FILE`, the path of a file that holds the value. */
export const secretNames = ['APP_KEY', 'DB_PASSWORD'] as const;

export type VariableName = keyof typeof variables;
export type Values = { [Name in VariableName]: z.output<(typeof variables)[Name]> };
