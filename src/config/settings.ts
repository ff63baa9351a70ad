import type { DatabaseSettings } from './database-settings.js';
import type { LimitName } from './groups/limits.js';
import type {
  DevicesSettings,
  MailSettings,
  MessageSettings,
  PushSettings,
  RedisSettings,
  SmsSettings,
} from './outbound-settings.js';
import type { FilledMembers } from './variables.js';

/** The members that have the value of one variable as it is. Its declaration names the member (`fills`). */
const MembersOfVariables = class {} as new () => FilledMembers;

/**
 * Everything an operator can set, read and checked once at start by {@link loadSettings}. The declarations are in `groups/`.
 */
export class Settings extends MembersOfVariables {
  /** Values that may be wrong, a line each that begins with the name of the variable. */
  readonly warnings: readonly string[];
  /** APP_URL: the public URL, path prefix included, without a trailing slash. Links and pages are built on it. */
  readonly publicUrl: string;
  /** The path of {@link publicUrl}, empty or like `/flexiapi`; a reverse proxy may strip it. */
  readonly publicPath: string;
  /** APP_KEY: the secret that every signing key is derived from. */
  readonly appKey: string;
  /** FIRST_ADMIN: the administrator to create while there is none; its password, or null for one that is drawn. */
  readonly firstAdmin: { readonly username: string; readonly password: string | null } | null;
  /** DB_DRIVER and the other DB_ variables. */
  readonly database: DatabaseSettings;
  /** PUSH_DRIVER: how tokens reach devices. */
  readonly push: PushSettings;
  /** MAIL_DRIVER: how mails are sent. */
  readonly mail: MailSettings;
  /** SMS_DRIVER: how SMS are sent. */
  readonly sms: SmsSettings;
  /** DEVICES_DRIVER: where registrations are looked up. */
  readonly devices: DevicesSettings;
  /** What mails and SMS say. */
  readonly messages: MessageSettings;
  /** RATE_LIMITS and the LIMIT_ variables: how often things may happen, 0 where there is no limit. */
  readonly limits: Readonly<Record<LimitName, number>>;
  /** REDIS_URL: what processes share what limits count in, and nonces if NONCE_STORE says so; null for none. */
  readonly sharedRedis: RedisSettings | null;
  /** METRICS_HOST and METRICS_PORT: where operators read metrics and details of health; null for nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** LOG_FORMAT: `json` for machines, `pretty` for a terminal. */
  readonly logFormat: 'json' | 'pretty';

  /** Whether anything is limited at all. */
  get hasLimits(): boolean {
    return Object.values(this.limits).some((most) => most > 0);
  }

  /** The realm an account authenticates in: the configured one, else its domain. */
  realmOf(account: { domain: string }): string {
    return this.realm ?? account.domain;
  }
}

/** The members that are made of several variables, or of more than a variable. */
export type CombinedMembers = Omit<Settings, keyof FilledMembers | 'hasLimits' | 'realmOf'>;

/** The settings are wrong. Carries a line for each mistake that names the variable, and the warnings, which may explain a mistake. */
export class InvalidSettings extends Error {
  constructor(
    readonly mistakes: readonly string[],
    warnings: readonly string[] = [],
  ) {
    const list = (lines: readonly string[]) => lines.map((line) => `\n  - ${line}`).join('');
    super(
      `The settings are not valid:${list(mistakes)}${warnings.length > 0 ? `\nBeside that:${list(warnings)}` : ''}`,
    );
  }
}
