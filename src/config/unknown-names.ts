import { fileNames, variableNames } from './variables.js';

/** Names that this service knows: the variables, and the files that hold their values. */
const KNOWN = new Set<string>([...variableNames, ...fileNames.map((name) => `${name}_FILE`)]);
/** `NAME_FILE` of any variable. Those of variables that are not secrets are rejected by name elsewhere. */
const FILES_OF_VARIABLES = new Set(variableNames.map((name) => `${name}_FILE`));

/** Names that docker-compose.yml reads from the same `.env`. */
const OF_COMPOSE = /^(COMPOSE_\w+|API_LISTEN|API_REPLICAS|MAIL_LISTEN|PROXY_LISTEN)$/;

/** Names that the 2021 server, its framework or other servers use, with the variable of this service. */
const RENAMED: Readonly<Record<string, string>> = {
  DB_CONNECTION: 'DB_DRIVER',
  DB_URL: 'DB_HOST, DB_PORT, DB_DATABASE, DB_USERNAME and DB_PASSWORD',
  DATABASE_URL: 'DB_HOST, DB_PORT, DB_DATABASE, DB_USERNAME and DB_PASSWORD',
  DB_NAME: 'DB_DATABASE',
  DB_SSL: 'DB_TLS',
  DB_SSL_CA: 'DB_TLS_CA',
  DB_SSLMODE: 'DB_TLS and DB_TLS_VERIFY',
  DB_SSL_MODE: 'DB_TLS and DB_TLS_VERIFY',
  DB_EXTERNAL_DRIVER: 'DB_DRIVER',
  DB_EXTERNAL_HOST: 'DB_HOST',
  DB_EXTERNAL_PORT: 'DB_PORT',
  DB_EXTERNAL_DATABASE: 'DB_DATABASE',
  DB_EXTERNAL_USERNAME: 'DB_USERNAME',
  DB_EXTERNAL_PASSWORD: 'DB_PASSWORD',
  MAIL_MAILER: 'MAIL_DRIVER',
  MAIL_ALLOW_SELF_SIGNED: 'MAIL_TLS_VERIFY',
  MAIL_VERIFY_PEER: 'MAIL_TLS_VERIFY',
  MAIL_VERIFY_PEER_NAME: 'MAIL_TLS_VERIFY',
  MAIL_EHLO_DOMAIN: 'MAIL_EHLO_NAME',
  MAIL_SECURE: 'MAIL_ENCRYPTION',
  MAIL_SSL: 'MAIL_ENCRYPTION',
  MAIL_TLS: 'MAIL_ENCRYPTION',
  MAIL_FROM: 'MAIL_FROM_ADDRESS',
  SMTP_HOST: 'MAIL_HOST',
  SMTP_PORT: 'MAIL_PORT',
  SMTP_SECURE: 'MAIL_ENCRYPTION',
  SMTP_USER: 'MAIL_USERNAME',
  SMTP_USERNAME: 'MAIL_USERNAME',
  SMTP_PASS: 'MAIL_PASSWORD',
  SMTP_PASSWORD: 'MAIL_PASSWORD',
  SMTP_FROM: 'MAIL_FROM_ADDRESS',
  REDIS_HOST: 'REDIS_URL',
  REDIS_PORT: 'REDIS_URL',
  REDIS_USERNAME: 'REDIS_URL',
  REDIS_TLS: 'REDIS_URL, with rediss://',
  REDIS_PASSWORD: 'REDIS_URL',
  REDIS_DB: 'REDIS_URL',
  ACCOUNT_USERNAME_REGEX: 'USERNAME_PATTERN',
  DEVICES_MANAGEMENT: 'DEVICES_DRIVER',
  APP_DEBUG: 'LOG_LEVEL',
  LOG_CHANNEL: 'LOG_FORMAT',
  APP_EVERYONE_IS_ADMIN: 'FIRST_ADMIN',
  TRUST_PROXIES: 'TRUST_PROXY',
  TRUSTED_PROXY: 'TRUST_PROXY',
  TRUSTED_PROXIES: 'TRUST_PROXY',
  DRAIN_TIMEOUT: 'DRAIN_DELAY',
};

/** The first words of our names, such as `DB_` or `MAIL_`. They show the subject. */
const FIRST_WORDS = new Set([...KNOWN].filter((name) => name.includes('_')).map(firstWordOf));

/** An unknown name and its problem. */
export interface UnknownName {
  readonly name: string;
  readonly message: string;
  /** Whether it is most likely a misspelt variable of ours. Short names, such as HOME, may belong to other programs. */
  readonly isNear: boolean;
  /** Whether its first word shows that it is meant for this service. */
  readonly isOurs: boolean;
}

/**
 * Returns a message for each name that is not a variable of this service, with the variable that was probably meant.
 */
export function unknownNames(names: readonly string[]): UnknownName[] {
  return names
    .filter((name) => !KNOWN.has(name) && !FILES_OF_VARIABLES.has(name) && !OF_COMPOSE.test(name))
    .map(describe);
}

function describe(name: string): UnknownName {
  const meant = RENAMED[name] ?? nearest(name);
  if (meant !== undefined)
    return { name, message: `is no setting of this service: use ${meant}`, isNear: name.length > 4, isOurs: true };
  const message =
    'is no setting of this service, and has no effect: remove it, or see .env.example for the one that is meant';
  return { name, message, isNear: false, isOurs: FIRST_WORDS.has(firstWordOf(name)) };
}

function firstWordOf(name: string): string {
  return name.split('_', 1)[0] ?? '';
}

/**
 * The variable of which a name is probably a misspelling: other case or separators, an abbreviation, or one or two
 * different letters.
 */
function nearest(name: string): string | undefined {
  const plain = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const isAbbreviation = (known: string) => name.length >= 6 && name.includes('_') && known.startsWith(name);
  const allowed = name.length < 3 ? 0 : name.length < 9 ? 1 : 2;
  let best: { known: string; distance: number } | undefined;
  for (const known of KNOWN) {
    if (plain(known) === plain(name)) return known;
    const distance = isAbbreviation(known) ? allowed : editDistance(name, known);
    if (distance <= allowed && (best === undefined || distance < best.distance)) best = { known, distance };
  }
  return best?.known;
}

/** The number of letters to insert, remove, replace, or swap with the next one, to turn one text into the other. */
function editDistance(one: string, other: string): number {
  let [beforeLast, last]: number[][] = [[], Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          (last?.[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last?.[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast?.[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    [beforeLast, last] = [last ?? [], current];
  }
  return last?.at(-1) ?? 0;
}
