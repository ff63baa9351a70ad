import { z } from 'zod';
import { isSipDomain } from '../../common/sip/sip-address.js';
import type { SettingGroup } from '../setting.js';
import { lineOfText, list, oneOf, textThat, wholeNumber } from '../variable-kinds.js';

const DEFAULT_DOMAIN = 'sip.example.org';

const domains = list(isSipDomain, 'must be lower-case host names of at most 64 characters, separated by commas')
  .default([DEFAULT_DOMAIN])
  .transform(([first = DEFAULT_DOMAIN, ...others]): [string, ...string[]] => [first, ...others]);

/** The least number of characters of APP_KEY. It also holds for the key file beside an embedded database. */
export const LEAST_KEY_LENGTH = 32;

const appKey = z
  .string()
  .min(LEAST_KEY_LENGTH, `must have at least ${LEAST_KEY_LENGTH} characters`)
  .describe(`at least ${LEAST_KEY_LENGTH} characters`);

const realm = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
  .regex(/^[^"\\]*$/, 'must not hold quotes or backslashes')
  // The .env of the 2021 server has `null` for no realm. Taken as a realm, it would lock every account out.
  .refine((text) => text !== 'null', 'must not be the word null: leave it out for a realm of each domain')
  .describe('1 to 255 printable ASCII characters without quotes or backslashes');

/** A pattern that is anchored at both ends. */
const wholePattern = (text: string) => new RegExp(`^(?:${text})$`, 'u');
const pattern = textThat((text) => wholePattern(text) instanceof RegExp, 'must be a regular expression');

export const identity = {
  title: 'The service and its accounts',
  settings: {
    APP_NAME: {
      schema: lineOfText(64).default('Flexisip API'),
      text: 'What mails, SMS and pages call the service.',
      fills: 'appName',
    },
    APP_KEY: {
      schema: appKey.optional(),
      text:
        'A secret that the keys of nonces and sessions are derived from. All processes of one service need the same. ' +
        'With the embedded database it is drawn once and kept beside it.',
      secret: true,
      required: {
        with: 'DB_DRIVER=mysql',
        message: `is required with DB_DRIVER=mysql: a secret of at least ${LEAST_KEY_LENGTH} characters`,
      },
    },
    APP_SIP_DOMAIN: {
      schema: domains,
      text: 'SIP domains that accounts are registered in; the first is the default.',
      fills: 'sipDomains',
    },
    ACCOUNT_REALM: {
      schema: realm.optional(),
      text:
        'The realm of all accounts, as in flexisip.conf. Passwords are stored hashed with it, so that a change locks ' +
        'every account out.',
      otherwise: 'the domain of each account',
      fills: 'realm',
    },
    DEFAULT_ALGORITHM: {
      schema: oneOf(['SHA-256', 'MD5']).default('SHA-256'),
      text: 'The hash to store a new password with, if the app names none.',
      fills: 'defaultAlgorithm',
    },
    USERNAME_MIN_LENGTH: {
      schema: wholeNumber(1, 64).default(6),
      text: 'The least number of characters of a new username.',
      fills: 'usernameMinLength',
    },
    USERNAME_PATTERN: {
      schema: pattern.default('[a-z0-9._+-]+').transform(wholePattern),
      text:
        'What a new username consists of, for the whole of it. Names that differ in case only are the same to the ' +
        'usual collations of MySQL, and refused as taken there.',
      fills: 'usernamePattern',
    },
  },
} as const satisfies SettingGroup;
