import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { databaseMistakes, type DatabaseSettings, databaseSettings } from './database-variables.js';
import { idleMistakes } from './idle-settings.js';
import { limitSettings } from './limit-variables.js';
import { outboundSettings } from './outbound-settings.js';
import { outboundMistakes } from './outbound-variables.js';
import { InvalidSettings, Settings } from './settings.js';
import { type Environment, environmentAlone, type Notes, processSources, resolve, type Sources } from './sources.js';
import { namesInSeveralLines, type Values, type VariableName, variables } from './variables.js';

/**
 * Reads and checks every setting: the only reader of the environment.
 *
 * @throws InvalidSettings that lists every mistake at once.
 */
export function loadSettings(environment: Environment): Settings {
  return settingsFrom(environmentAlone(environment));
}

/** The settings of this process, from its environment and the file `.env` of its working folder. */
export function loadProcessSettings(): Settings {
  return settingsFrom(processSources());
}

function settingsFrom(sources: Sources): Settings {
  const { values, mistakes, warnings } = check(sources);
  if (mistakes.length > 0) throw new InvalidSettings(mistakes, warnings);
  return toSettings(values as Values, warnings);
}

/** Mistakes and warnings of the settings, a line each that begins with the name of the variable. Changes nothing. */
export function inspectSettings(sources: Sources): Readonly<Notes> {
  return check(sources);
}

function check(sources: Sources): { values: Partial<Values> } & Notes {
  const notes: Notes = { mistakes: [], warnings: [] };
  const raw = resolve(sources, notes);
  const values = checkVariables(raw, notes.mistakes);
  const isGiven = (name: string) => raw[name] !== undefined || raw[`${name}_FILE`] !== undefined;
  notes.mistakes.push(
    ...missingVariables(values, isGiven),
    ...databaseMistakes(values, isGiven),
    ...unchosenDrivers(values, isGiven),
    ...firstAdminMistakes(values),
    ...nonceStoreMistakes(values, isGiven),
    ...outboundMistakes(values, isGiven),
    ...idleMistakes(values, isGiven),
  );
  return { values, ...notes };
}

function checkVariables(raw: Environment, mistakes: string[]): Partial<Values> {
  const values: Partial<Record<VariableName, unknown>> = {};
  for (const name of Object.keys(variables) as VariableName[]) {
    const result = variables[name].safeParse(raw[name]);
    const misread = misreading(name, raw[name] ?? '');
    if (!result.success) mistakes.push(`${name}: ${result.error.issues[0]?.message ?? 'is not valid'}`);
    else if (misread !== null) mistakes.push(`${name}: ${misread}`);
    else values[name] = result.data;
  }
  return values as Partial<Values>;
}

/** Why a value is refused although its schema accepts it, or null. */
function misreading(name: VariableName, value: string): string | null {
  // The framework of the 2021 server reads these words in .env as nothing. Taken as text, they would be a name or a password.
  if (/^(null|\(null\)|\(empty\))$/i.test(value)) return `must not be the word ${value}: leave it out`;
  const isInOneLine = namesInSeveralLines.includes(name) || !/[\r\n]/.test(value.trim());
  return isInOneLine ? null : 'has several lines, and must be one';
}

/** What one variable demands of others. A variable that is itself wrong has been reported already. */
function missingVariables(values: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  if (values.DB_DRIVER !== 'mysql') return [];
  const required = {
    DB_DATABASE: 'is required with DB_DRIVER=mysql',
    DB_USERNAME: 'is required with DB_DRIVER=mysql',
    APP_KEY: 'is required with DB_DRIVER=mysql: a secret of at least 32 characters',
    PUSH_DRIVER: 'must be chosen with DB_DRIVER=mysql ("log" only prints the messages)',
    MAIL_DRIVER: 'must be chosen with DB_DRIVER=mysql ("log" only prints the messages)',
    SMS_DRIVER: 'must be chosen with DB_DRIVER=mysql ("log" only prints the messages)',
    DEVICES_DRIVER: 'must be chosen with DB_DRIVER=mysql ("none" shows no devices)',
  };
  return Object.entries(required)
    .filter(([name]) => !isGiven(name))
    .map(([name, message]) => `${name}: ${message}`);
}

/** Variables that have an effect with some drivers only, by the variable that chooses the driver. */
const OF_DRIVERS = {
  DB_DRIVER: /^DB_(?!DRIVER$|DATABASE$|TIMEOUT$|MIGRATE$)/,
  PUSH_DRIVER: /^(APNS_KEY|FCM_SERVICE_ACCOUNT|APP_FLEXISIP_PUSHER_PATH)$/,
  MAIL_DRIVER: /^MAIL_(HOST|FROM_ADDRESS|USERNAME)$/,
  SMS_DRIVER: /^(OVH_APP_KEY|OVH_APP_SENDER|TWILIO_ACCOUNT_SID|TWILIO_FROM|SMS_HTTP_URL)$/,
  DEVICES_DRIVER: /^(FLEXISIP_REDIS_URL|APP_FLEXISIP_PROXY_PID|APP_FLEXISIP_SOCKET_DIR)$/,
} as const;

/**
 * Drivers that were not chosen although their settings are given: the service would begin with an embedded database, or print messages.
 * Where a driver is chosen, settings of others may stay for later.
 */
function unchosenDrivers(values: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  return (Object.keys(OF_DRIVERS) as (keyof typeof OF_DRIVERS)[]).flatMap((driver) => {
    // On MySQL every driver is required anyway.
    if (isGiven(driver) || values.DB_DRIVER === 'mysql') return [];
    const given = (Object.keys(variables) as VariableName[]).find(
      (name) => OF_DRIVERS[driver].test(name) && isGiven(name) && values[name] !== undefined,
    );
    return given === undefined ? [] : [`${driver}: must be chosen, since ${given} is given and has no effect without it`];
  });
}

function firstAdminMistakes({ FIRST_ADMIN, FIRST_ADMIN_PASSWORD, USERNAME_PATTERN, USERNAME_MIN_LENGTH }: Partial<Values>): string[] {
  if (FIRST_ADMIN === undefined) {
    return FIRST_ADMIN_PASSWORD === undefined ? [] : ['FIRST_ADMIN: is required, since FIRST_ADMIN_PASSWORD is given'];
  }
  if (USERNAME_PATTERN === undefined || USERNAME_MIN_LENGTH === undefined) return [];
  const { length } = [...FIRST_ADMIN];
  return usernamePattern(USERNAME_PATTERN).test(FIRST_ADMIN) && length >= USERNAME_MIN_LENGTH && length <= 64
    ? []
    : ['FIRST_ADMIN: must be a username that USERNAME_MIN_LENGTH and USERNAME_PATTERN allow, of at most 64 characters'];
}

function nonceStoreMistakes({ NONCE_STORE, WEB_CONCURRENCY = 1 }: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  if (NONCE_STORE === 'memory' && WEB_CONCURRENCY > 1)
    return ['NONCE_STORE: must not be "memory" with WEB_CONCURRENCY above 1: each process would take what another has'];
  if (NONCE_STORE === 'redis' && !isGiven('REDIS_URL')) return ['REDIS_URL: is required with NONCE_STORE=redis'];
  return [];
}

function usernamePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}

function toSettings(values: Values, warnings: readonly string[]): Settings {
  const database = databaseSettings(values);
  const publicUrl = values.APP_URL ?? `http://${urlHost(values.HOST)}:${values.PORT}`;
  return Object.assign(new Settings(), {
    warnings,
    host: values.HOST,
    port: values.PORT,
    publicUrl,
    publicPath: new URL(publicUrl).pathname.replace(/\/$/, ''),
    appName: values.APP_NAME,
    appKey: values.APP_KEY ?? keyBeside(database),
    sipDomains: values.APP_SIP_DOMAIN,
    realm: values.ACCOUNT_REALM ?? null,
    firstAdmin: values.FIRST_ADMIN === undefined ? null : { username: values.FIRST_ADMIN, password: values.FIRST_ADMIN_PASSWORD ?? null },
    database,
    databaseTimeout: values.DB_TIMEOUT,
    migrateAtStart: values.DB_MIGRATE === 'true',
    ...outboundSettings(values, values.APP_NAME, publicUrl),
    usernameMinLength: values.USERNAME_MIN_LENGTH,
    usernamePattern: usernamePattern(values.USERNAME_PATTERN),
    tokenLifetime: values.TOKEN_LIFETIME,
    activationEmailLifetime: values.ACTIVATION_EMAIL_LIFETIME,
    activationPhoneLifetime: values.ACTIVATION_PHONE_LIFETIME,
    panelSessionLifetime: values.PANEL_SESSION_LIFETIME,
    nonceLifetime: values.NONCE_LIFETIME,
    nonceStore: values.NONCE_STORE,
    limits: limitSettings(values, values.RATE_LIMITS === 'on'),
    tokensPerDevice: values.TOKENS_PER_DEVICE,
    unusedTokensPerDevice: values.UNUSED_TOKENS_PER_DEVICE,
    corsOrigins: values.CORS_ORIGINS,
    requestTimeout: values.REQUEST_TIMEOUT,
    keepAliveTimeout: values.KEEP_ALIVE_TIMEOUT,
    drainDelay: values.DRAIN_DELAY,
    maxConnections: values.MAX_CONNECTIONS,
    trustedProxies: values.TRUST_PROXY,
    processes: values.WEB_CONCURRENCY,
    metrics: values.METRICS_PORT === undefined ? null : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json'),
  });
}

/** What to write into a URL for a listening address: a wildcard is reached by loopback, IPv6 goes in brackets, without its zone. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host.replace(/%.*$/, '')}]` : host;
}

function keyBeside(database: DatabaseSettings): string {
  try {
    return keptKey(database);
  } catch (error) {
    if (error instanceof InvalidSettings) throw error;
    throw new InvalidSettings([`DB_DATABASE: its folder cannot be used (${(error as Error).message})`]);
  }
}

/** Where the key of an embedded database is kept. */
export const keyFileOf = (databaseFile: string): string => `${databaseFile}.key`;

/** The key of an embedded database: drawn at the first start and kept beside the file, readable by its owner only. */
function keptKey(database: DatabaseSettings): string {
  if (database.driver !== 'sqlite') throw new Error('only an embedded database keeps its key');
  const file = keyFileOf(database.file);
  if (!existsSync(file)) drawKey(file);
  const key = readFileSync(file, 'utf8').trim();
  if (isTooShort(key)) throw new InvalidSettings([keyTooShort(file)]);
  return key;
}

/** What is wrong with the key beside an embedded database, a line, or null. Draws none, and changes nothing. */
export function keptKeyMistake(file: string): string | null {
  try {
    return !existsSync(file) || !isTooShort(readFileSync(file, 'utf8').trim()) ? null : keyTooShort(file);
  } catch (error) {
    return `APP_KEY: the file ${file} cannot be read (${(error as Error).message})`;
  }
}

const isTooShort = (key: string): boolean => key.length < 32;
const keyTooShort = (file: string): string => `APP_KEY: the file ${file} must hold at least 32 characters`;

/** Writes a whole key beside the file and links it into place, so that of two first starts one wins and both read the same. */
function drawKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}
