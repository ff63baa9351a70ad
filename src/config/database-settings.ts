/** The database, and TLS for the connection to it. */
export type DatabaseSettings =
  { readonly driver: 'sqlite'; readonly file: string } | ({ readonly driver: 'mysql' } & ServerSettings);

/** The address of a MySQL or MariaDB server. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** The path of a unix socket, instead of host and port; null for TCP. */
  readonly socket: string | null;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** Null for a connection in clear text. */
  readonly tls: DatabaseTlsSettings | null;
  /** The largest number of connections that a process opens. */
  readonly poolSize: number;
}

export interface DatabaseTlsSettings {
  /** Certificates of the trusted authorities, PEM. Null for those of the system. */
  readonly ca: string | null;
  /** The client certificate and its key, PEM. Null if the server requires only a password. */
  readonly client: { readonly cert: string; readonly key: string } | null;
  /** What is verified: the authority and the host name, the authority alone, or nothing. */
  readonly verify: 'identity' | 'authority' | 'nothing';
}

/** Describes the server and its user for messages: `user@host:port/database`. */
export function describeServer({ username, socket, database, ...tcp }: ServerSettings): string {
  return `${username}@${socket ?? `${tcp.host}:${tcp.port}`}/${database}`;
}
