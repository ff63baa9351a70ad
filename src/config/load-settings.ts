import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSettings } from './database-settings.js';
import { captchaMistakes, captchaSettings } from './groups/captcha.js';
import { databaseMistakes, databaseSettings } from './groups/database.js';
import { devicesSettings, registrarMistakes } from './groups/devices.js';
import { firstAdminMistakes, firstAdminSettings } from './groups/first-admin.js';
import { LEAST_KEY_LENGTH } from './groups/identity.js';
import { nonceStoreMistakes } from './groups/lifetimes.js';
import { limitsOf } from './groups/limits.js';
import { publicUrlOf } from './groups/listening.js';
import { mailMistakes, mailSettings } from './groups/mail.js';
import { monitoringSettings } from './groups/monitoring.js';
import { directPushMistakes, pushSettings } from './groups/push.js';
import { redisMistakes, sharedRedis } from './groups/redis.js';
import { gatewayMistakes, smsSettings } from './groups/sms.js';
import { turnMistakes, turnSettings } from './groups/turn.js';
import { SettingRules } from './setting-rules.js';
import { type CombinedMembers, InvalidSettings, Settings } from './settings.js';
import { type Environment, environmentAlone, type Notes, processSources, resolve, type Sources } from './sources.js';
import { filledMembers, type Values, type VariableName, variableNames, variables } from './variables.js';

/**
 * Reads and checks every setting. Nothing else reads the environment.
 *
 * @throws InvalidSettings that lists all mistakes at once.
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

/**
 * Returns the mistakes and warnings of the settings. Each is a line that begins with the name of the variable. Changes
 * nothing.
 */
export function inspectSettings(sources: Sources): Readonly<Notes> {
  return check(sources);
}

function check(sources: Sources): { values: Partial<Values> } & Notes {
  const notes: Notes = { mistakes: [], warnings: [] };
  const raw = resolve(sources, notes);
  const values = checkVariables(raw, notes.mistakes);
  const isGiven = (name: string) => raw[name] !== undefined || raw[`${name}_FILE`] !== undefined;
  const rules = new SettingRules(values, isGiven);
  notes.mistakes.push(
    ...rules.missing(),
    ...databaseMistakes(values, isGiven),
    ...rules.unchosenDrivers(),
    ...firstAdminMistakes(values),
    ...nonceStoreMistakes(values),
    ...directPushMistakes(values, isGiven),
    ...gatewayMistakes(values),
    ...captchaMistakes(values, isGiven),
    ...registrarMistakes(values, isGiven),
    ...mailMistakes(values, isGiven),
    ...turnMistakes(isGiven),
    ...rules.idle(),
    ...redisMistakes(values, isGiven),
  );
  return { values, ...notes };
}

function checkVariables(raw: Environment, mistakes: string[]): Partial<Values> {
  const values: Partial<Record<VariableName, unknown>> = {};
  for (const name of variableNames) {
    const result = variables[name].schema.safeParse(raw[name]);
    const misread = misreading(name, raw[name] ?? '');
    if (!result.success) mistakes.push(`${name}: ${result.error.issues[0]?.message ?? 'is not valid'}`);
    else if (misread !== null) mistakes.push(`${name}: ${misread}`);
    else values[name] = result.data;
  }
  return values as Partial<Values>;
}

/** Why a value is rejected although its schema accepts it, or null. */
function misreading(name: VariableName, value: string): string | null {
  // The framework of the 2021 server reads these words in .env as no value. Here they would become a name or a
  // password.
  if (/^(null|\(null\)|\(empty\))$/i.test(value)) return `must not be the word ${value}: leave it out`;
  const isInOneLine = variables[name].severalLines === true || !/[\r\n]/.test(value.trim());
  return isInOneLine ? null : 'has several lines, and must be one';
}

function toSettings(values: Values, warnings: readonly string[]): Settings {
  const database = databaseSettings(values);
  const publicUrl = publicUrlOf(values);
  const combined: CombinedMembers = {
    warnings,
    publicUrl,
    publicPath: new URL(publicUrl).pathname.replace(/\/$/, ''),
    appKey: values.APP_KEY ?? keyBeside(database),
    firstAdmin: firstAdminSettings(values),
    database,
    push: pushSettings(values),
    mail: mailSettings(values, values.APP_NAME, publicUrl),
    sms: smsSettings(values),
    captcha: captchaSettings(values),
    devices: devicesSettings(values),
    turn: turnSettings(values),
    messages: {
      application: values.APP_NAME,
      signature: values.MAIL_SIGNATURE ?? values.APP_NAME,
      folder: values.MESSAGE_TEMPLATES ?? null,
    },
    sharedRedis: sharedRedis(values),
    limits: limitsOf(values),
    ...monitoringSettings(values),
  };
  return Object.assign(new Settings(), filledMembers(values), combined);
}

function keyBeside(database: DatabaseSettings): string {
  try {
    return keptKey(database);
  } catch (error) {
    if (error instanceof InvalidSettings) throw error;
    throw new InvalidSettings([`DB_DATABASE: its folder cannot be used (${(error as Error).message})`]);
  }
}

/** The path of the key file of an embedded database. */
export const keyFileOf = (databaseFile: string): string => `${databaseFile}.key`;

/**
 * The key of an embedded database. It is generated at the first start and stored beside the database file. Only its
 * owner can read it.
 */
function keptKey(database: DatabaseSettings): string {
  if (database.driver !== 'sqlite') throw new Error('only an embedded database keeps its key');
  const file = keyFileOf(database.file);
  if (!existsSync(file)) drawKey(file);
  const key = readFileSync(file, 'utf8').trim();
  if (isTooShort(key)) throw new InvalidSettings([keyTooShort(file)]);
  return key;
}

/**
 * Describes in one line what is wrong with the key file of an embedded database; null if nothing is. Creates no key and
 * changes nothing.
 */
export function keptKeyMistake(file: string): string | null {
  try {
    return !existsSync(file) || !isTooShort(readFileSync(file, 'utf8').trim()) ? null : keyTooShort(file);
  } catch (error) {
    return `APP_KEY: the file ${file} cannot be read (${(error as Error).message})`;
  }
}

const isTooShort = (key: string): boolean => key.length < LEAST_KEY_LENGTH;
const keyTooShort = (file: string): string =>
  `APP_KEY: the file ${file} must hold at least ${LEAST_KEY_LENGTH} characters`;

/**
 * Writes a complete key beside the database file and links it into place. Of two first starts, one wins and both read
 * the same key.
 */
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
