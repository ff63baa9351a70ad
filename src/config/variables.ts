import { isIP } from 'node:net';
import { z } from 'zod';
import { isSipDomain } from '../common/sip/sip-address.js';
import { databaseFileNames, databaseVariables } from './database-variables.js';
import { limitVariables } from './limit-variables.js';
import { outboundFileNames, outboundVariables } from './outbound-variables.js';
import { baseUrl, host, lineOfText, list, oneOf, textThat, wholeNumber } from './variable-kinds.js';

const DAYS = 86_400;
const seconds = wholeNumber(1, 366 * DAYS);

function isAddressOrNetwork(text: string): boolean {
  const [address, prefix, ...rest] = text.split('/');
  const family = isIP(address ?? '');
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** As browsers send it: scheme, host, and port unless it is the scheme's own. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

const pattern = textThat((text) => new RegExp(`^(?:${text})$`, 'u') instanceof RegExp, 'must be a regular expression');

/** One schema for each variable that concerns the service itself. */
const serviceVariables = {
  HOST: host('PORT').default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  APP_URL: baseUrl.optional(),
  APP_NAME: lineOfText(64).default('Flexisip API'),
  APP_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  APP_SIP_DOMAIN: list(isSipDomain, 'must be lower-case host names of at most 64 characters, separated by commas').default([
    'sip.example.org',
  ]),
  ACCOUNT_REALM: z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
    .regex(/^[^"\\]*$/, 'must not hold quotes or backslashes')
    // What the .env of the 2021 server says for none; taken as a realm, it would lock every account out.
    .refine((realm) => realm !== 'null', 'must not be the word null: leave it out for a realm of each domain')
    .optional(),
  FIRST_ADMIN: z.string().optional(),
  FIRST_ADMIN_PASSWORD: z
    .string()
    .regex(/^.{6,256}$/su, 'must have 6 to 256 characters')
    .optional(),
  USERNAME_MIN_LENGTH: wholeNumber(1, 64).default(6),
  USERNAME_PATTERN: pattern.default('[a-z0-9._+-]+'),
  TOKEN_LIFETIME: seconds.default(DAYS),
  ACTIVATION_EMAIL_LIFETIME: seconds.default(DAYS),
  ACTIVATION_PHONE_LIFETIME: seconds.default(3_600),
  PANEL_SESSION_LIFETIME: wholeNumber(60, 30 * DAYS).default(8 * 3_600),
  NONCE_STORE: oneOf(['database', 'redis', 'memory']).default('database'),
  NONCE_LIFETIME: wholeNumber(10, DAYS).default(300),
  RATE_LIMITS: oneOf(['on', 'off']).default('on'),
  TOKENS_PER_DEVICE: wholeNumber(0, 1_000).default(4),
  UNUSED_TOKENS_PER_DEVICE: wholeNumber(0, 1_000).default(1),
  CORS_ORIGINS: list(isOrigin, 'must be origins like https://admin.example.org, separated by commas').default([]),
  REQUEST_TIMEOUT: wholeNumber(3, 300).default(30),
  KEEP_ALIVE_TIMEOUT: wholeNumber(1, 3_600).default(72),
  DRAIN_DELAY: wholeNumber(0, 60).default(0),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(10_000),
  TRUST_PROXY: list(isAddressOrNetwork, 'must be IP addresses or networks like 10.0.0.0/8, separated by commas').default([]),
  METRICS_HOST: host('METRICS_PORT').default('127.0.0.1'),
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  LOG_FORMAT: oneOf(['json', 'pretty']).optional(),
  WEB_CONCURRENCY: wholeNumber(1, 64).default(1),
};

/**
 * One schema for each variable that this version knows (protocol §9).
 * Values are never repeated in a message: some are secrets.
 */
export const variables = { ...serviceVariables, ...databaseVariables, ...limitVariables, ...outboundVariables };

/** Variables that may also be given as `NAME_FILE`, the path of a file that holds the value: all secrets. */
export const fileNames = ['APP_KEY', 'FIRST_ADMIN_PASSWORD', ...databaseFileNames, ...outboundFileNames] as const;

/** Variables whose values may have several lines: certificates and keys, JSON, templates and texts. */
export const namesInSeveralLines: readonly string[] = [
  'DB_TLS_CA',
  'DB_TLS_CERT',
  'DB_TLS_KEY',
  'APNS_KEY',
  'FCM_SERVICE_ACCOUNT',
  'MAIL_TLS_CA',
  'MAIL_SIGNATURE',
  'SMS_HTTP_HEADERS',
  'SMS_HTTP_BODY',
  'REDIS_TLS_CA',
] satisfies VariableName[];

export type VariableName = keyof typeof variables;
export type Values = { [Name in VariableName]: z.output<(typeof variables)[Name]> };
