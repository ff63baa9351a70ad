import type { SettingGroup, ValuesOf } from '../setting.js';
import { oneOf, wholeNumber } from '../variable-kinds.js';

const MINUTE = 60;
const TEN_MINUTES = 600;
const HOUR = 3_600;

/** The time windows in seconds, with their names in messages. */
export const WINDOWS = { 60: 'a minute', 600: '10 minutes', 3600: 'an hour' } as const;

/** How often an action is allowed. */
interface Limit {
  /** The variable that changes the limit; 0 switches it off. */
  readonly variable: `LIMIT_${string}`;
  /** The default limit. */
  readonly most: number;
  /** The length of the window in seconds. It begins with the first action. */
  readonly seconds: keyof typeof WINDOWS;
  /** The action that is counted. */
  readonly counts: string;
  /** The subject that has a counter of its own. */
  readonly per: string;
  /**
   * The behaviour while the shared store of REDIS_URL does not answer. `open`: each process counts for itself, so that
   * the service stays available. `closed`: the call is answered with 503. It guards codes of four digits and messages
   * that cost money, which must not become unlimited when an attacker makes the store fail.
   */
  readonly withoutStore: 'open' | 'closed';
}

/** Every limit that is counted (protocol §8), in the words of its table. */
export const LIMITS = {
  requests: {
    variable: 'LIMIT_REQUESTS',
    most: 600,
    seconds: MINUTE,
    counts: 'every request under `/api` and `/account`',
    per: 'source address',
    withoutStore: 'open',
  },
  failedLogins: {
    variable: 'LIMIT_FAILED_LOGINS',
    most: 30,
    seconds: MINUTE,
    counts: 'wrong Digest answers, API keys and passwords in the panel',
    per: 'source address',
    withoutStore: 'open',
  },
  failedLoginsInARow: {
    variable: 'LIMIT_FAILED_LOGINS_IN_A_ROW',
    most: 100,
    seconds: HOUR,
    counts: 'wrong Digest answers, API keys and passwords since the account was last proven',
    per: 'account',
    withoutStore: 'open',
  },
  info: {
    variable: 'LIMIT_INFO',
    most: 100,
    seconds: MINUTE,
    counts: 'calls of `info`',
    per: 'source address',
    withoutStore: 'open',
  },
  tokens: {
    variable: 'LIMIT_TOKENS',
    most: 10,
    seconds: MINUTE,
    counts: 'calls of `tokens`',
    per: 'source address',
    withoutStore: 'open',
  },
  withToken: {
    variable: 'LIMIT_WITH_TOKEN',
    most: 30,
    seconds: MINUTE,
    counts: 'calls of `with-token`',
    per: 'source address',
    withoutStore: 'open',
  },
  accounts: {
    variable: 'LIMIT_ACCOUNTS',
    most: 5,
    seconds: HOUR,
    counts: 'accounts that `with-token` created',
    per: 'source address',
    withoutStore: 'closed',
  },
  creationTokenPushes: {
    variable: 'LIMIT_CREATION_TOKEN_PUSHES',
    most: 10,
    seconds: MINUTE,
    counts: 'calls of `account_creation_tokens/send-by-push`',
    per: 'source address',
    withoutStore: 'open',
  },
  pushesPerDevice: {
    variable: 'LIMIT_PUSHES_PER_DEVICE',
    most: 5,
    seconds: TEN_MINUTES,
    counts: 'tokens that `account_creation_tokens/send-by-push` sent',
    per: 'device',
    withoutStore: 'closed',
  },
  requestTokens: {
    variable: 'LIMIT_REQUEST_TOKENS',
    most: 30,
    seconds: MINUTE,
    counts: 'calls of `account_creation_request_tokens`',
    per: 'source address',
    withoutStore: 'open',
  },
  usingRequestTokens: {
    variable: 'LIMIT_USING_REQUEST_TOKENS',
    most: 120,
    seconds: MINUTE,
    counts: 'calls of `account_creation_tokens/using-account-creation-request-token`',
    per: 'source address',
    withoutStore: 'open',
  },
  requestTokenPages: {
    variable: 'LIMIT_REQUEST_TOKEN_PAGES',
    most: 60,
    seconds: MINUTE,
    counts: 'requests of the page that proves a person, and of its form',
    per: 'source address',
    withoutStore: 'open',
  },
  withCreationToken: {
    variable: 'LIMIT_WITH_CREATION_TOKEN',
    most: 30,
    seconds: MINUTE,
    counts: 'calls of `with-account-creation-token`',
    per: 'source address',
    withoutStore: 'open',
  },
  activatedAccounts: {
    variable: 'LIMIT_ACTIVATED_ACCOUNTS',
    most: 5,
    seconds: HOUR,
    counts: 'accounts of `with-account-creation-token` that were activated',
    per: 'source address that created them',
    withoutStore: 'closed',
  },
  authTokens: {
    variable: 'LIMIT_AUTH_TOKENS',
    most: 30,
    seconds: MINUTE,
    counts: 'calls of `auth_token`, `auth_token/{token}/attach` and `me/api_key/{token}`',
    per: 'source address',
    withoutStore: 'open',
  },
  activations: {
    variable: 'LIMIT_ACTIVATIONS',
    most: 20,
    seconds: MINUTE,
    counts: 'calls of `activate/email` and `activate/phone`',
    per: 'source address',
    withoutStore: 'open',
  },
  failedActivations: {
    variable: 'LIMIT_FAILED_ACTIVATIONS',
    most: 10,
    seconds: HOUR,
    counts: 'wrong and expired codes, whether an account has the address or not',
    per: 'SIP address',
    withoutStore: 'closed',
  },
  emailRequests: {
    variable: 'LIMIT_EMAIL_REQUESTS',
    most: 20,
    seconds: HOUR,
    counts: 'calls of `email/request`',
    per: 'source address',
    withoutStore: 'open',
  },
  emailRequestsPerAccount: {
    variable: 'LIMIT_EMAIL_REQUESTS_PER_ACCOUNT',
    most: 5,
    seconds: HOUR,
    counts: 'mails that `email/request` sent',
    per: 'account',
    withoutStore: 'closed',
  },
  emailRequestsPerAddress: {
    variable: 'LIMIT_EMAIL_REQUESTS_PER_ADDRESS',
    most: 3,
    seconds: HOUR,
    counts: 'mails that `email/request` sent',
    per: 'e-mail address, any case',
    withoutStore: 'closed',
  },
  phoneRequests: {
    variable: 'LIMIT_PHONE_REQUESTS',
    most: 20,
    seconds: HOUR,
    counts: 'calls of `phone/request`',
    per: 'source address',
    withoutStore: 'open',
  },
  phoneRequestsPerAccount: {
    variable: 'LIMIT_PHONE_REQUESTS_PER_ACCOUNT',
    most: 5,
    seconds: HOUR,
    counts: 'SMS that `phone/request` sent, and numbers that were taken',
    per: 'account',
    withoutStore: 'closed',
  },
  phoneRequestsPerNumber: {
    variable: 'LIMIT_PHONE_REQUESTS_PER_NUMBER',
    most: 5,
    seconds: HOUR,
    counts: 'SMS that `phone/request` sent, and numbers that were taken',
    per: 'number',
    withoutStore: 'closed',
  },
  failedPhoneCodes: {
    variable: 'LIMIT_FAILED_PHONE_CODES',
    most: 20,
    seconds: HOUR,
    counts: 'wrong and expired codes; a new code does not begin anew',
    per: 'account',
    withoutStore: 'closed',
  },
  failedEmailCodes: {
    variable: 'LIMIT_FAILED_EMAIL_CODES',
    most: 20,
    seconds: HOUR,
    counts: 'wrong and expired codes of `me/email`; a new code does not begin anew',
    per: 'account',
    withoutStore: 'closed',
  },
  failedOldPasswords: {
    variable: 'LIMIT_FAILED_OLD_PASSWORDS',
    most: 10,
    seconds: TEN_MINUTES,
    counts: 'wrong old passwords',
    per: 'account',
    withoutStore: 'open',
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
export const limitNames = Object.keys(LIMITS) as LimitName[];

type LimitVariable = (typeof LIMITS)[LimitName]['variable'];

// The introduction of the group has the range for all limits.
const times = wholeNumber(0, 1_000_000).describe('');

function limitSetting({ most, seconds, counts, per }: Limit) {
  return { schema: times.default(most), text: `By ${per}, in ${WINDOWS[seconds]}: ${counts}.` };
}

const limitSettings = Object.fromEntries(
  limitNames.map((name) => [LIMITS[name].variable, limitSetting(LIMITS[name])]),
) as Record<LimitVariable, ReturnType<typeof limitSetting>>;

export const limits = {
  title: 'Limits',
  introduction:
    'How often things may happen (docs/limits.md). A LIMIT_ variable is a number of at most 1000000; 0 switches the ' +
    'limit off.',
  settings: {
    RATE_LIMITS: {
      schema: oneOf(['on', 'off']).default('on'),
      text: '`on`, or `off` for no limits at all, as in load tests.',
    },
    ...limitSettings,
    UNUSED_TOKENS_PER_DEVICE: {
      schema: wholeNumber(0, 1_000).default(1),
      text: 'Account creation tokens that a device may have unredeemed at one time; 0 for any number.',
      fills: 'unusedTokensPerDevice',
    },
    DEVICE_ACCOUNT_INTERVAL: {
      schema: wholeNumber(0, 31_622_400).default(3_600),
      text:
        'Seconds for which `account_creation_tokens/send-by-push` refuses a device that has created an account, once ' +
        'that is activated; 0 to refuse none.',
      fills: 'deviceAccountInterval',
    },
    TOKENS_PER_DEVICE: {
      schema: wholeNumber(0, 1_000).default(4),
      text: 'Account creation tokens that a device gets in its life, used and expired ones included; 0 for any number.',
      fills: 'tokensPerDevice',
    },
  },
} as const satisfies SettingGroup;

/** The limits as configured. All are 0, which is off, if RATE_LIMITS switches them off. */
export function limitsOf(values: ValuesOf<typeof limits.settings>): Readonly<Record<LimitName, number>> {
  const areOn = values.RATE_LIMITS === 'on';
  return Object.fromEntries(limitNames.map((name) => [name, areOn ? values[LIMITS[name].variable] : 0])) as Record<
    LimitName,
    number
  >;
}
