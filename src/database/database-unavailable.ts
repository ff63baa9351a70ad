import { LOST_IN_HANDSHAKE } from './dialect.js';

/** The database cannot be reached or opened. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super(`The database is not available: ${reasonOf(cause)}`, { cause });
  }

  /** The message, with advice for the operator. */
  get messageWithAdvice(): string {
    const advice = adviceOn(this.cause);
    return advice === undefined ? this.message : `${this.message}. ${advice}`;
  }
}

/** The database user lacks a right. */
export class DatabaseRefuses extends Error {
  /**
   * @param reason the error with which the database rejected a statement, or sentences that name the missing rights.
   */
  constructor(reason: Error | string) {
    if (typeof reason === 'string') super(reason);
    else
      super(`The database refuses: ${reason.message}. Grant the user of DB_USERNAME that right on DB_DATABASE.`, {
        cause: reason,
      });
  }
}

/** A connection to a host with several addresses fails with a list of errors, and the list itself has no message. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}

/** Advice for the operator, by error code of the driver or the system. */
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
 * Advice for failures before TLS is set up, by their message. The driver gives all of them the same code and keeps the
 * message of OpenSSL or Node.
 */
const TLS_ADVICE: readonly (readonly [message: RegExp, advice: string])[] = [
  [LOST_IN_HANDSHAKE, 'See whether the server runs, and what its log says.'],
  [/certificate has expired/, 'Renew the certificate of the server.'],
  [/certificate is not yet valid/, 'See the clocks of both machines.'],
  [/wrong version number|unsupported protocol|handshake failure/, 'The server must speak TLS 1.2 or later.'],
  [/(?:)/, 'See DB_TLS_CA, DB_TLS_VERIFY and DB_HOST, which the certificate must be for.'],
];

/** Advice for a database that cannot be reached; undefined for an unknown error. */
export function adviceOn(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (code !== 'HANDSHAKE_SSL_ERROR') return ADVICE[code];
  return TLS_ADVICE.find(([message]) => message.test(reasonOf(cause)))?.[1];
}

/** A connection to a host with several addresses fails with a list of errors. */
function codeOf(cause: unknown): string {
  const { code, errors } = cause as { code?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  return errors?.length ? codeOf(errors[0]) : '';
}
