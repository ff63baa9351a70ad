import { LOST_IN_HANDSHAKE } from './dialect.js';

/** The database cannot be reached or opened. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super(`The database is not available: ${reasonOf(cause)}`, { cause });
  }

  /** The message, and what an operator can do about it. */
  get messageWithAdvice(): string {
    const advice = adviceOn(this.cause);
    return advice === undefined ? this.message : `${this.message}. ${advice}`;
  }
}

/** The user of the database lacks a right. */
export class DatabaseRefuses extends Error {
  /** @param reason what the database refused a statement with, or sentences that say which rights are missing. */
  constructor(reason: Error | string) {
    if (typeof reason === 'string') super(reason);
    else super(`The database refuses: ${reason.message}. Grant the user of DB_USERNAME that right on DB_DATABASE.`, { cause: reason });
  }
}

/** A host with several addresses fails with a list of errors, which says nothing itself. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}

/** What an operator can do about it, by the code of the driver or the system. */
const ADVICE: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR:
    'See DB_USERNAME and DB_PASSWORD, and from which hosts the server lets that user in. One that demands TLS says the same: see DB_TLS.',
  ER_DBACCESS_DENIED_ERROR: 'Grant the user of DB_USERNAME all rights on DB_DATABASE.',
  ER_BAD_DB_ERROR: 'See DB_DATABASE: the server has no such database.',
  ER_SECURE_TRANSPORT_REQUIRED: 'Set DB_TLS=true: the server takes encrypted connections only.',
  ECONNREFUSED: 'See DB_HOST and DB_PORT, or DB_SOCKET, and whether the server runs.',
  ENOENT: 'See DB_SOCKET: there is no such socket. The server makes it when it starts.',
  EACCES: 'See DB_SOCKET: this user may not use the socket.',
  ENOTFOUND: 'See DB_HOST: there is no such host.',
  ETIMEDOUT: 'See DB_HOST and DB_PORT, and whether a firewall is in between or the server hangs.',
  DATABASE_TIMEOUT: 'See whether the server hangs or is overloaded.',
  HANDSHAKE_NO_SSL_SUPPORT: 'The server has no TLS: set it up there, or leave DB_TLS out.',
};

/**
 * What to do about a failure before TLS is set up, by what its message says: the driver gives all of them one code, and keeps the message of
 * OpenSSL or Node.
 */
const TLS_ADVICE: readonly (readonly [message: RegExp, advice: string])[] = [
  [LOST_IN_HANDSHAKE, 'See whether the server runs, and what its log says.'],
  [/certificate has expired/, 'Renew the certificate of the server.'],
  [/certificate is not yet valid/, 'See the clocks of both machines.'],
  [/wrong version number|unsupported protocol|handshake failure/, 'The server must speak TLS 1.2 or later.'],
  [/(?:)/, 'See DB_TLS_CA, DB_TLS_VERIFY and DB_HOST, which the certificate must be for.'],
];

/** What to do where a database cannot be reached, or undefined where nothing is known. */
export function adviceOn(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (code !== 'HANDSHAKE_SSL_ERROR') return ADVICE[code];
  return TLS_ADVICE.find(([message]) => message.test(reasonOf(cause)))?.[1];
}

/** A host with several addresses fails with a list of errors. */
function codeOf(cause: unknown): string {
  const { code, errors } = cause as { code?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  return errors?.length ? codeOf(errors[0]) : '';
}
