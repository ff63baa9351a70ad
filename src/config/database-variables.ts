import { createPrivateKey } from 'node:crypto';
import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { certificates, host, mistakeInPath, oneOf, pathThat, textThat, wholeNumber } from './variable-kinds.js';

/** The database, and TLS on the way to it. */
export type DatabaseSettings = { readonly driver: 'sqlite'; readonly file: string } | ({ readonly driver: 'mysql' } & ServerSettings);

/** How a MySQL or MariaDB server is reached. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** The path of a unix socket, in place of host and port; null for TCP. */
  readonly socket: string | null;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** Null for a connection in clear text. */
  readonly tls: DatabaseTlsSettings | null;
  /** How many connections a process opens at most. */
  readonly poolSize: number;
}

export interface DatabaseTlsSettings {
  /** Certificates of the authorities to trust, PEM; those of the system if null. */
  readonly ca: string | null;
  /** What the client proves itself by, PEM; null where the server wants a password alone. */
  readonly client: { readonly cert: string; readonly key: string } | null;
  /** What is checked: the authority and the host name, the authority alone, or nothing. */
  readonly verify: 'identity' | 'authority' | 'nothing';
}

const VERIFY = { true: 'identity', ca: 'authority', false: 'nothing' } as const;

/** One schema for each variable that concerns the database. */
export const databaseVariables = {
  DB_DRIVER: oneOf(['sqlite', 'mysql']).default('sqlite'),
  DB_HOST: host('DB_PORT', 'DB_SOCKET').default('127.0.0.1'),
  DB_PORT: wholeNumber(1, 65_535).default(3306),
  DB_SOCKET: pathThat(isAbsolute, 'must be the whole path of a unix socket, like /run/mysqld/mysqld.sock').optional(),
  DB_DATABASE: z.string().optional(),
  DB_USERNAME: z.string().optional(),
  DB_PASSWORD: z.string().default(''),
  DB_TLS: oneOf(['true', 'false']).default('false'),
  DB_TLS_CA: certificates.optional(),
  DB_TLS_CERT: certificates.optional(),
  DB_TLS_KEY: textThat((pem) => createPrivateKey(pem).type === 'private', 'must be a private key without a passphrase, PEM').optional(),
  DB_TLS_VERIFY: oneOf(['true', 'ca', 'false']).default('true'),
  DB_POOL_SIZE: wholeNumber(1, 1_000).default(10),
  DB_TIMEOUT: wholeNumber(1, 9).default(8),
  DB_MIGRATE: oneOf(['true', 'false']).default('true'),
};

/** Those that may also be given as `NAME_FILE`. */
export const databaseFileNames = ['DB_PASSWORD', 'DB_TLS_CA', 'DB_TLS_CERT', 'DB_TLS_KEY'] as const;

type Values = { [Name in keyof typeof databaseVariables]: z.output<(typeof databaseVariables)[Name]> };

/** What the variables of the database demand of each other, a line for each mistake. */
export function databaseMistakes(values: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  const mistakes = databaseNameMistakes(values);
  if (values.DB_DRIVER !== 'mysql') return mistakes;
  if (isGiven('DB_SOCKET')) {
    const others = ['DB_HOST', 'DB_PORT'].filter(isGiven);
    mistakes.push(...others.map((name) => `${name}: cannot be combined with DB_SOCKET`));
    if (values.DB_TLS === 'true') mistakes.push('DB_TLS: cannot be combined with DB_SOCKET, which does not leave the machine');
  }
  if (isGiven('DB_TLS_CERT') !== isGiven('DB_TLS_KEY')) {
    const [given, missing] = isGiven('DB_TLS_CERT') ? ['DB_TLS_CERT', 'DB_TLS_KEY'] : ['DB_TLS_KEY', 'DB_TLS_CERT'];
    mistakes.push(`${missing}: is required, since ${given} is given`);
  }
  if (values.DB_TLS === 'true' && values.DB_TLS_VERIFY === 'true' && isIP(values.DB_HOST ?? '') !== 0 && !isGiven('DB_SOCKET')) {
    // The driver compares the certificate with a host name only.
    mistakes.push('DB_TLS_VERIFY: "true" needs a host name in DB_HOST; with an address choose "ca", which checks the authority alone');
  }
  return mistakes;
}

/** With `sqlite` DB_DATABASE is a file, with `mysql` it is a name: a value that fits the other driver is refused. */
function databaseNameMistakes({ DB_DRIVER, DB_DATABASE }: Partial<Values>): string[] {
  if (DB_DATABASE === undefined || DB_DRIVER === undefined) return [];
  if (DB_DRIVER === 'mysql') return /[/\\:]/.test(DB_DATABASE) ? ['DB_DATABASE: must be the name of a database with DB_DRIVER=mysql'] : [];
  const form = 'DB_DATABASE: must be the path of a file with DB_DRIVER=sqlite';
  if (/^(:memory:$|\w{2,}:)/.test(DB_DATABASE)) return [`${form}, and nothing else`];
  const mistake = mistakeInPath(DB_DATABASE);
  if (mistake !== null) return [`DB_DATABASE: ${mistake}`];
  return isFolder(DB_DATABASE) ? [`${form}: this is a folder`] : [];
}

function isFolder(path: string): boolean {
  try {
    return path.endsWith('/') || statSync(path).isDirectory();
  } catch {
    return false;
  }
}

export function databaseSettings(values: Values): DatabaseSettings {
  if (values.DB_DRIVER === 'sqlite') {
    return { driver: 'sqlite', file: values.DB_DATABASE ?? join('var', 'flexisip-api.sqlite') };
  }
  return {
    driver: 'mysql',
    host: values.DB_HOST,
    port: values.DB_PORT,
    socket: values.DB_SOCKET ?? null,
    database: values.DB_DATABASE ?? '',
    username: values.DB_USERNAME ?? '',
    password: values.DB_PASSWORD,
    tls: values.DB_TLS === 'true' ? tlsSettings(values) : null,
    poolSize: values.DB_POOL_SIZE,
  };
}

function tlsSettings({ DB_TLS_CA: ca, DB_TLS_CERT: cert, DB_TLS_KEY: key, DB_TLS_VERIFY: verify }: Values): DatabaseTlsSettings {
  return { ca: ca ?? null, client: cert !== undefined && key !== undefined ? { cert, key } : null, verify: VERIFY[verify] };
}

/** Where the server is and as whom we are there, for messages: `user@host:port/database`. */
export function describeServer({ username, socket, database, ...tcp }: ServerSettings): string {
  return `${username}@${socket ?? `${tcp.host}:${tcp.port}`}/${database}`;
}
