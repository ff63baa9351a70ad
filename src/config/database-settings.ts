/** The database, and TLS on the way to it. */
export type DatabaseSettings =
  { readonly driver: 'sqlite'; readonly file: string } | ({ readonly driver: 'mysql' } & ServerSettings);

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

/** Where the server is and as whom we are there, for messages: `user@host:port/database`. */
export function describeServer({ username, socket, database, ...tcp }: ServerSettings): string {
  return `${username}@${socket ?? `${tcp.host}:${tcp.port}`}/${database}`;
}
