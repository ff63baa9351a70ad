import type { DatabaseSettings } from './database-variables.js';
import type { LimitName } from './limit-variables.js';
import type { DevicesSettings, MailSettings, MessageSettings, PushSettings, RedisSettings, SmsSettings } from './outbound-settings.js';

/**
 * Everything an operator can set, read and checked once at start by {@link loadSettings}.
 * The names of the environment variables and their defaults are those of protocol §9.
 */
export class Settings {
  /** Values that may be wrong, a line each that begins with the name of the variable. */
  readonly warnings: readonly string[];
  /** HOST: the address to listen on. */
  readonly host: string;
  /** PORT: the TCP port to listen on, 0 for any free one. */
  readonly port: number;
  /** APP_URL: the public URL, path prefix included, without a trailing slash. Links and pages are built on it. */
  readonly publicUrl: string;
  /** The path of {@link publicUrl}, empty or like `/flexiapi`; a reverse proxy may strip it. */
  readonly publicPath: string;
  /** APP_NAME: what mails, SMS and pages call this service. */
  readonly appName: string;
  /** APP_KEY: the secret that every signing key is derived from. */
  readonly appKey: string;
  /** APP_SIP_DOMAIN: the domains accounts are registered in; the first is the default. */
  readonly sipDomains: readonly [string, ...string[]];
  /** ACCOUNT_REALM: the realm of all accounts, or null where each account's realm is its domain. */
  readonly realm: string | null;
  /** FIRST_ADMIN: the administrator to create while there is none; its password, or null for one that is drawn. */
  readonly firstAdmin: { readonly username: string; readonly password: string | null } | null;
  /** DB_DRIVER and the other DB_ variables. */
  readonly database: DatabaseSettings;
  /** DB_TIMEOUT: seconds for which a call may keep the database busy, waiting included. */
  readonly databaseTimeout: number;
  /** DB_MIGRATE: migrate at start, or refuse to start on a schema that is behind. */
  readonly migrateAtStart: boolean;
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
  /** SMS_COUNTRY_PREFIXES: the beginnings of numbers that SMS are sent to, `+33`; empty for all. */
  readonly smsCountryPrefixes: readonly string[];
  /** NEIGHBOUR_TIMEOUT: seconds for which a call waits for a mail server, gateway, push service or SIP proxy. */
  readonly outboundTimeout: number;
  /** USERNAME_MIN_LENGTH: the least number of characters of a new username. */
  readonly usernameMinLength: number;
  /** USERNAME_PATTERN: what a new username consists of, anchored at both ends. */
  readonly usernamePattern: RegExp;
  /** TOKEN_LIFETIME: seconds during which an account creation token can be redeemed. */
  readonly tokenLifetime: number;
  /** ACTIVATION_EMAIL_LIFETIME: seconds during which a mailed activation code is accepted. */
  readonly activationEmailLifetime: number;
  /** ACTIVATION_PHONE_LIFETIME: seconds during which an activation code sent by SMS is accepted. */
  readonly activationPhoneLifetime: number;
  /** PANEL_SESSION_LIFETIME: seconds after which a session of the panel ends. */
  readonly panelSessionLifetime: number;
  /** NONCE_LIFETIME: seconds during which a Digest nonce is accepted. */
  readonly nonceLifetime: number;
  /** NONCE_STORE: where the counts of nonces are remembered. `memory` only with one process, `redis` only with a shared Redis. */
  readonly nonceStore: 'database' | 'redis' | 'memory';
  /** RATE_LIMITS and the LIMIT_ variables: how often things may happen, 0 where there is no limit. */
  readonly limits: Readonly<Record<LimitName, number>>;
  /** TOKENS_PER_DEVICE: account creation tokens that a device gets in its life, 0 for any number. */
  readonly tokensPerDevice: number;
  /** UNUSED_TOKENS_PER_DEVICE: those that may wait to be redeemed at one time, 0 for any number. */
  readonly unusedTokensPerDevice: number;
  /** REDIS_URL: where the processes of one service share what limits count, and nonces if NONCE_STORE says so; null where there is none. */
  readonly sharedRedis: RedisSettings | null;
  /** CORS_ORIGINS: origins whose scripts may read answers. */
  readonly corsOrigins: readonly string[];
  /** REQUEST_TIMEOUT: seconds in which a request must have arrived, its headers in a third of them. */
  readonly requestTimeout: number;
  /** KEEP_ALIVE_TIMEOUT: seconds for which a connection is kept on which no request is under way. */
  readonly keepAliveTimeout: number;
  /** DRAIN_DELAY: seconds between a signal to stop, from which the process is not ready, and the end of the listener. */
  readonly drainDelay: number;
  /** MAX_CONNECTIONS: how many connections a process holds at once; further ones are closed at once. */
  readonly maxConnections: number;
  /** TRUST_PROXY: addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** WEB_CONCURRENCY: how many processes serve requests. */
  readonly processes: number;
  /** METRICS_HOST and METRICS_PORT: where operators read metrics and details of health; null for nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** LOG_LEVEL: the least severe level that is written. */
  readonly logLevel: string;
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

/** The settings are wrong. Carries a line for each mistake that names the variable, and the warnings, which may explain a mistake. */
export class InvalidSettings extends Error {
  constructor(
    readonly mistakes: readonly string[],
    warnings: readonly string[] = [],
  ) {
    const list = (lines: readonly string[]) => lines.map((line) => `\n  - ${line}`).join('');
    super(`The settings are not valid:${list(mistakes)}${warnings.length > 0 ? `\nBeside that:${list(warnings)}` : ''}`);
  }
}
