import { connect, type Socket } from 'node:net';
import * as mysql2 from 'mysql2';
import type { DataSourceOptions } from 'typeorm';
import type { ServerSettings } from '../config/database-settings.js';
import { attemptTimeout } from '../outbound/connection-attempts.js';
import type { Settings } from '../config/settings.js';
import { BoundedPool } from './bounded-pool.js';
import { DatabasePool } from './database-pool.js';
import { isUnknownVariable } from './dialect.js';
import { EmbeddedDatabase } from './embedded-database.js';
import { entities } from './entities/index.js';
import { migrations } from './migrations/index.js';

/** The table that records which migrations have run. */
export const MIGRATIONS_TABLE = 'flexisip_api_migrations';

/**
 * Connection options for the service, the tests and the TypeORM command line.
 *
 * @param access `read` gives a SQLite connection that refuses to write (see `Transactions`); MySQL knows no difference.
 * @param pool gets the pool of MySQL whenever the data source is opened.
 */
export function connectionOptions(
  { database, databaseTimeout }: Pick<Settings, 'database' | 'databaseTimeout'>,
  access: 'read' | 'write' = 'write',
  pool = new DatabasePool(),
): DataSourceOptions {
  const shared = {
    entities,
    migrations,
    migrationsTableName: MIGRATIONS_TABLE,
    synchronize: false,
    logging: false,
  } as const;
  if (database.driver === 'sqlite') {
    return {
      ...shared,
      type: 'better-sqlite3',
      driver: EmbeddedDatabase,
      database: database.file,
      enableWAL: true,
      prepareDatabase: (connection: EmbeddedDatabase) => {
        if (access === 'read') connection.pragma('query_only = ON');
      },
    };
  }
  return {
    ...shared,
    type: 'mysql',
    ...addressAndTls(database),
    database: database.database,
    username: database.username,
    password: database.password,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    // The limit includes the greeting: a server may accept the connection and then send nothing.
    connectTimeout: within(databaseTimeout) * 1000,
    poolSize: database.poolSize,
    // Without this flag MySQL counts a row that an upsert left unchanged like an inserted row. The nonce store could
    // then not tell a replay from a first use.
    flags: ['-FOUND_ROWS'],
    driver: {
      ...mysql2,
      createPool: (options: mysql2.PoolOptions) =>
        pool.keep(createPreparedPool(options, database.poolSize, databaseTimeout)),
    },
  };
}

/** The address of the server, and the TLS options of the connection. */
function addressAndTls({
  host,
  port,
  socket,
  tls,
}: ServerSettings): Pick<mysql2.PoolOptions, 'host' | 'port' | 'socketPath' | 'ssl'> {
  if (socket !== null) return { socketPath: socket };
  if (tls === null) return { host, port };
  const { ca, client, verify } = tls;
  // The driver checks the name in a certificate only with `verifyIdentity`.
  const checks = { rejectUnauthorized: verify !== 'nothing', verifyIdentity: verify === 'identity' };
  return { host, port, ssl: { minVersion: 'TLSv1.2', ...checks, ...client, ...(ca === null ? {} : { ca }) } };
}

/** Whole seconds, less than the caller waits: an error within this time can name its cause. */
const within = (databaseTimeout: number): number => Math.max(1, Math.floor(databaseTimeout * 0.7));

/** The isolation level of MySQL transactions that set none. */
export const SESSION_ISOLATION = 'REPEATABLE READ';

/**
 * The set-up of every MySQL session. The defaults of a server cannot be trusted: its time zone is unknown, a lax mode
 * truncates silently, and NO_BACKSLASH_ESCAPES or ANSI_QUOTES change what a statement means. The lock wait is shorter
 * than the caller waits, so that no statement of the caller stays behind on the server.
 */
const SESSION =
  "SET time_zone = '+00:00', sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = ";

/**
 * Opens a connection as mysql2 does without a `stream` option, except that every address of the host is tried within
 * DB_TIMEOUT, which may be far less than NEIGHBOUR_TIMEOUT.
 */
function openConnection({ host, port = 3306 }: mysql2.PoolOptions, databaseTimeout: number): Socket {
  const autoSelectFamilyAttemptTimeout = attemptTimeout(within(databaseTimeout) * 1000);
  return connect({ host, port, noDelay: true, keepAlive: true, autoSelectFamilyAttemptTimeout });
}

/**
 * On a node of a Galera cluster, a read waits until the node has applied every write that the cluster acknowledged
 * before. A client may get a response from one instance of the service and then call another instance, which uses
 * another node. On a MariaDB server without a cluster the statement has no effect. MySQL does not know the variable.
 */
const WAIT_FOR_CLUSTER_WRITES = 'SET SESSION wsrep_sync_wait = 1';

function createPreparedPool(options: mysql2.PoolOptions, poolSize: number, databaseTimeout: number): BoundedPool {
  const pool = mysql2.createPool({
    ...options,
    ...(options.socketPath ? {} : { stream: () => openConnection(options, databaseTimeout) }),
  });
  // These statements are queued on the new connection before the statement that it was opened for.
  pool.on('connection', (connection) => {
    // A session that is not set up as the statements expect must not run any of them.
    const destroyOnError = (error: unknown) => error && connection.destroy();
    connection.query(`${SESSION}${within(databaseTimeout)}`, destroyOnError);
    connection.query(`SET SESSION TRANSACTION ISOLATION LEVEL ${SESSION_ISOLATION}`, destroyOnError);
    connection.query(WAIT_FOR_CLUSTER_WRITES, (error: unknown) =>
      destroyOnError(error && !isUnknownVariable(error) ? error : null),
    );
  });
  return new BoundedPool(pool, poolSize, databaseTimeout);
}
