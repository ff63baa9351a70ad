import type { DatabaseSettings } from './database-settings.js';
import type { LimitName } from './groups/limits.js';
import type { TurnSettings } from './groups/turn.js';
import type {
  CaptchaSettings,
  DevicesSettings,
  MailSettings,
  MessageSettings,
  PushSettings,
  RedisSettings,
  SmsSettings,
} from './outbound-settings.js';
import type { FilledMembers } from './variables.js';

/**
 * The members that hold the value of one variable unchanged. The declaration of the variable names the member
 * (`fills`).
 */
const MembersOfVariables = class {} as new () => FilledMembers;

/** All settings, read and checked once at start by {@link loadSettings}. The declarations are in `groups/`. */
export class Settings extends MembersOfVariables {
  /** Values that may be wrong. Each is a line that begins with the name of the variable. */
  readonly warnings: readonly string[];
  /** APP_URL: the public URL with its path prefix, without a trailing slash. Links and pages use it. */
  readonly publicUrl: string;
  /** The path of {@link publicUrl}: empty, or like `/flexiapi`. A reverse proxy may strip it. */
  readonly publicPath: string;
  /** APP_KEY: the secret that every signing key is derived from. */
  readonly appKey: string;
  /** FIRST_ADMIN: the administrator to create if there is none. A null password means that one is generated. */
  readonly firstAdmin: { readonly username: string; readonly password: string | null } | null;
  /** DB_DRIVER and the other DB_ variables. */
  readonly database: DatabaseSettings;
  /** PUSH_DRIVER: how push notifications with tokens reach devices. */
  readonly push: PushSettings;
  /** MAIL_DRIVER: how mails are sent. */
  readonly mail: MailSettings;
  /** SMS_DRIVER: how SMS are sent. */
  readonly sms: SmsSettings;
  /** CAPTCHA_DRIVER: how a person is proven. */
  readonly captcha: CaptchaSettings;
  /** DEVICES_DRIVER: where registrations are looked up. */
  readonly devices: DevicesSettings;
  /** TURN_SECRET and the other TURN_ variables: the TURN server of the apps. Null for none. */
  readonly turn: TurnSettings | null;
  /** The settings for the texts of mails and SMS. */
  readonly messages: MessageSettings;
  /** RATE_LIMITS and the LIMIT_ variables: how often each action is allowed; 0 means no limit. */
  readonly limits: Readonly<Record<LimitName, number>>;
  /**
   * REDIS_URL: the Redis where processes share the counters of limits, and nonces if NONCE_STORE says so. Null for
   * none.
   */
  readonly sharedRedis: RedisSettings | null;
  /** METRICS_HOST and METRICS_PORT: where operators read metrics and health details. Null if they are not served. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** LOG_FORMAT: `json` for machines, `pretty` for a terminal. */
  readonly logFormat: 'json' | 'pretty';

  /** Whether any limit is on. */
  get hasLimits(): boolean {
    return Object.values(this.limits).some((most) => most > 0);
  }

  /** The realm in which an account authenticates: the configured one, else its domain. */
  realmOf(account: { domain: string }): string {
    return this.realm ?? account.domain;
  }
}

/** The members that combine several variables, or depend on more than one variable. */
export type CombinedMembers = Omit<Settings, keyof FilledMembers | 'hasLimits' | 'realmOf'>;

/**
 * The settings are wrong. Carries one line per mistake, which names the variable, and the warnings, which may explain a
 * mistake.
 */
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
