import type { z } from 'zod';
import { wholeNumber } from './variable-kinds.js';

const MINUTE = 60;
const HOUR = 3_600;

/** How often something may happen. */
interface Limit {
  /** The variable that changes it; 0 switches it off. */
  readonly variable: `LIMIT_${string}`;
  /** How often, unless the variable says otherwise. */
  readonly most: number;
  /** In so many seconds, which begin with the first time. */
  readonly seconds: number;
  /**
   * What holds while the shared store of REDIS_URL does not answer. `open`: each process counts for itself, so that the
   * service goes on. `closed`: the call is answered with 503, since what the limit guards (codes of four digits, messages
   * that cost money) must not be had again by making the store fail.
   */
  readonly withoutStore: 'open' | 'closed';
}

/** Every limit that is counted (protocol §8), in the words of its table. */
export const LIMITS = {
  /** Requests of a source address. */
  requests: { variable: 'LIMIT_REQUESTS', most: 600, seconds: MINUTE, withoutStore: 'open' },
  /** Wrong credentials from a source address. */
  failedLogins: { variable: 'LIMIT_FAILED_LOGINS', most: 30, seconds: MINUTE, withoutStore: 'open' },
  /** Wrong credentials for an account from addresses that never had the right ones. */
  failedLoginsInARow: { variable: 'LIMIT_FAILED_LOGINS_IN_A_ROW', most: 100, seconds: HOUR, withoutStore: 'open' },
  /** `info` from a source address. */
  info: { variable: 'LIMIT_INFO', most: 100, seconds: MINUTE, withoutStore: 'open' },
  /** Tokens asked for from a source address. */
  tokens: { variable: 'LIMIT_TOKENS', most: 10, seconds: MINUTE, withoutStore: 'open' },
  /** Calls of `with-token` from a source address. */
  withToken: { variable: 'LIMIT_WITH_TOKEN', most: 30, seconds: MINUTE, withoutStore: 'open' },
  /** Accounts created from a source address. */
  accounts: { variable: 'LIMIT_ACCOUNTS', most: 5, seconds: HOUR, withoutStore: 'closed' },
  /** Activations tried from a source address. */
  activations: { variable: 'LIMIT_ACTIVATIONS', most: 20, seconds: MINUTE, withoutStore: 'open' },
  /** Failed activations of a SIP address, whether an account has it or not. */
  failedActivations: { variable: 'LIMIT_FAILED_ACTIVATIONS', most: 10, seconds: HOUR, withoutStore: 'closed' },
  /** Changes of the mail address asked for from a source address. */
  emailRequests: { variable: 'LIMIT_EMAIL_REQUESTS', most: 20, seconds: HOUR, withoutStore: 'open' },
  /** The same, by an account. */
  emailRequestsPerAccount: { variable: 'LIMIT_EMAIL_REQUESTS_PER_ACCOUNT', most: 5, seconds: HOUR, withoutStore: 'closed' },
  /** The same, to a mail address. */
  emailRequestsPerAddress: { variable: 'LIMIT_EMAIL_REQUESTS_PER_ADDRESS', most: 3, seconds: HOUR, withoutStore: 'closed' },
  /** Changes of the phone number asked for from a source address. */
  phoneRequests: { variable: 'LIMIT_PHONE_REQUESTS', most: 20, seconds: HOUR, withoutStore: 'open' },
  /** The same, by an account. */
  phoneRequestsPerAccount: { variable: 'LIMIT_PHONE_REQUESTS_PER_ACCOUNT', most: 5, seconds: HOUR, withoutStore: 'closed' },
  /** The same, to a number. */
  phoneRequestsPerNumber: { variable: 'LIMIT_PHONE_REQUESTS_PER_NUMBER', most: 5, seconds: HOUR, withoutStore: 'closed' },
  /** Wrong phone codes of an account. */
  failedPhoneCodes: { variable: 'LIMIT_FAILED_PHONE_CODES', most: 20, seconds: HOUR, withoutStore: 'closed' },
  /** Wrong old passwords of an account. */
  failedOldPasswords: { variable: 'LIMIT_FAILED_OLD_PASSWORDS', most: 10, seconds: 10 * MINUTE, withoutStore: 'open' },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
export const limitNames = Object.keys(LIMITS) as LimitName[];

type LimitVariable = (typeof LIMITS)[LimitName]['variable'];
const limitVariable = (most: number) => wholeNumber(0, 1_000_000).default(most);

/** One schema for each limit. */
export const limitVariables = Object.fromEntries(
  limitNames.map((name) => [LIMITS[name].variable, limitVariable(LIMITS[name].most)]),
) as Record<LimitVariable, ReturnType<typeof limitVariable>>;

/** The limits as they are set; all 0, which is off, where there shall be none. */
export function limitSettings(values: Record<LimitVariable, z.output<ReturnType<typeof limitVariable>>>, areOn: boolean) {
  return Object.fromEntries(limitNames.map((name) => [name, areOn ? values[LIMITS[name].variable] : 0])) as Record<LimitName, number>;
}
