import { createPrivateKey } from 'node:crypto';
import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { DatabaseSettings, DatabaseTlsSettings } from '../database-settings.js';
import { type IsGiven, required, type SettingGroup, type ValuesOf } from '../setting.js';
import {
  certificates,
  host,
  mistakeInPath,
  oneOf,
  pathThat,
  textThat,
  trueOrFalse,
  wholeNumber,
} from '../variable-kinds.js';

const MYSQL = 'DB_DRIVER=mysql';
const ON_A_SERVER = { with: MYSQL, demandsChoice: true } as const;
const ONLY_WITH_TLS = { without: 'DB_TLS=true' } as const;
const DEFAULT_FILE = join('var', 'flexisip-api.sqlite');

const privateKey = textThat(
  (pem) => createPrivateKey(pem).type === 'private',
  'must be a private key without a passphrase, PEM',
);

export const database = {
  title: 'Database',
  settings: {
    DB_DRIVER: {
      schema: oneOf(['sqlite', 'mysql']).default('sqlite'),
      text: 'The kind of database: `sqlite`, embedded and in one file, or `mysql`, for MySQL and MariaDB.',
    },
    DB_DATABASE: {
      schema: z.string().optional(),
      text:
        'With DB_DRIVER=sqlite the file: only the user of the service may read it and those beside it, and start ' +
        'removes the rights of other users. With DB_DRIVER=mysql the name of the database that Flexisip uses.',
      otherwise: `\`${DEFAULT_FILE}\``,
      example: DEFAULT_FILE,
      required: MYSQL,
    },
    DB_TIMEOUT: {
      schema: wholeNumber(1, 9).default(8),
      text: 'Seconds for which a call may keep the database busy, waiting for it included; then it is answered 503.',
      fills: 'databaseTimeout',
    },
    DB_MIGRATE: {
      schema: trueOrFalse.default(true),
      text:
        '`true`: bring the schema up to date at start. `false`: refuse to start if it is behind (`npm run cli -- ' +
        'migrate`).',
      fills: 'migrateAtStart',
    },
    DB_HOST: {
      schema: host('DB_PORT', 'DB_SOCKET').default('127.0.0.1'),
      text: 'Host of the server.',
      ...ON_A_SERVER,
    },
    DB_PORT: { schema: wholeNumber(1, 65_535).default(3306), text: 'TCP port of the server.', ...ON_A_SERVER },
    DB_SOCKET: {
      schema: pathThat(isAbsolute, 'must be the whole path of a unix socket, like /run/mysqld/mysqld.sock').optional(),
      text: 'A unix socket of the server, in place of DB_HOST, DB_PORT and DB_TLS.',
      example: '/run/mysqld/mysqld.sock',
      ...ON_A_SERVER,
    },
    DB_USERNAME: {
      schema: z.string().optional(),
      text: 'The user that the server knows the service by.',
      ...ON_A_SERVER,
      required: MYSQL,
    },
    DB_PASSWORD: {
      schema: z.string().default(''),
      text: 'The password of DB_USERNAME.',
      secret: true,
      ...ON_A_SERVER,
    },
    DB_TLS: {
      schema: oneOf(['true', 'false']).default('false'),
      text: 'TLS on the way to the server.',
      ...ON_A_SERVER,
    },
    DB_TLS_CA: {
      schema: certificates.optional(),
      text: 'Authorities to trust for the certificate of the server.',
      otherwise: 'those of the system',
      file: '/etc/ssl/certs/database-ca.pem',
      severalLines: true,
      ...ON_A_SERVER,
      noEffect: [ONLY_WITH_TLS, { with: 'DB_TLS_VERIFY=false' }],
    },
    DB_TLS_CERT: {
      schema: certificates.optional(),
      text: 'The certificate of the service, with DB_TLS_KEY, where the server asks for one.',
      file: '/etc/flexisip-api/database-client.pem',
      severalLines: true,
      ...ON_A_SERVER,
      noEffect: [ONLY_WITH_TLS],
    },
    DB_TLS_KEY: {
      schema: privateKey.optional(),
      text: 'The key of DB_TLS_CERT.',
      secret: true,
      file: '/run/secrets/database-client.key',
      severalLines: true,
      ...ON_A_SERVER,
      noEffect: [ONLY_WITH_TLS],
    },
    DB_TLS_VERIFY: {
      schema: oneOf(['true', 'ca', 'false']).default('true'),
      text:
        'What is checked of the certificate of the server: `true`, its authority and that it is for DB_HOST; `ca`, ' +
        'its authority alone, as needed with an IP address and with the certificates that MySQL makes by itself; ' +
        '`false`, nothing.',
      ...ON_A_SERVER,
      noEffect: [ONLY_WITH_TLS],
    },
    DB_POOL_SIZE: {
      schema: wholeNumber(1, 1_000).default(10),
      text:
        'Connections that a process opens at most. Where the server grants fewer, calls share those. A cluster needs ' +
        '2 for migrations (docs/scaling.md).',
      ...ON_A_SERVER,
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof database.settings>;

/** Checks the database variables against each other. Returns one line per mistake. */
export function databaseMistakes(values: Partial<Values>, isGiven: IsGiven): string[] {
  const mistakes = databaseNameMistakes(values);
  if (values.DB_DRIVER !== 'mysql') return mistakes;
  if (isGiven('DB_SOCKET')) {
    const others = ['DB_HOST', 'DB_PORT'].filter(isGiven);
    mistakes.push(...others.map((name) => `${name}: cannot be combined with DB_SOCKET`));
    if (values.DB_TLS === 'true')
      mistakes.push('DB_TLS: cannot be combined with DB_SOCKET, which does not leave the machine');
  }
  if (isGiven('DB_TLS_CERT') !== isGiven('DB_TLS_KEY')) {
    const [given, missing] = isGiven('DB_TLS_CERT') ? ['DB_TLS_CERT', 'DB_TLS_KEY'] : ['DB_TLS_KEY', 'DB_TLS_CERT'];
    mistakes.push(`${missing}: is required, since ${given} is given`);
  }
  if (
    values.DB_TLS === 'true' &&
    values.DB_TLS_VERIFY === 'true' &&
    isIP(values.DB_HOST ?? '') !== 0 &&
    !isGiven('DB_SOCKET')
  ) {
    // The driver compares the certificate only with a host name.
    mistakes.push(
      'DB_TLS_VERIFY: "true" needs a host name in DB_HOST; with an address choose "ca", which checks the authority ' +
        'alone',
    );
  }
  return mistakes;
}

/**
 * With `sqlite`, DB_DATABASE is a file; with `mysql` it is a name. A value that fits only the other driver is rejected.
 */
function databaseNameMistakes({ DB_DRIVER, DB_DATABASE }: Partial<Values>): string[] {
  if (DB_DATABASE === undefined || DB_DRIVER === undefined) return [];
  if (DB_DRIVER === 'mysql')
    return /[/\\:]/.test(DB_DATABASE) ? ['DB_DATABASE: must be the name of a database with DB_DRIVER=mysql'] : [];
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
    return { driver: 'sqlite', file: values.DB_DATABASE ?? DEFAULT_FILE };
  }
  return {
    driver: 'mysql',
    host: values.DB_HOST,
    port: values.DB_PORT,
    socket: values.DB_SOCKET ?? null,
    database: required(values.DB_DATABASE),
    username: required(values.DB_USERNAME),
    password: values.DB_PASSWORD,
    tls: values.DB_TLS === 'true' ? tlsSettings(values) : null,
    poolSize: values.DB_POOL_SIZE,
  };
}

const VERIFY = { true: 'identity', ca: 'authority', false: 'nothing' } as const;

function tlsSettings({
  DB_TLS_CA: ca,
  DB_TLS_CERT: cert,
  DB_TLS_KEY: key,
  DB_TLS_VERIFY: verify,
}: Values): DatabaseTlsSettings {
  return {
    ca: ca ?? null,
    client: cert !== undefined && key !== undefined ? { cert, key } : null,
    verify: VERIFY[verify],
  };
}
