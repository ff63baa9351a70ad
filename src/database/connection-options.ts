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

/** Where the migrations that have run are kept. */
export const MIGRATIONS_TABLE = 'flexisip_api_migrations';

/**
 * Connection options, in one place for the service, the tests and the TypeORM command line.
 *
 * @param access `read` gives a SQLite connection that refuses to write (see `Transactions`); MySQL knows no difference.
 * @param pool gets the pool of MySQL whenever the data source is opened.
 */
export function connectionOptions(
  { database, databaseTimeout }: Pick<Settings, 'database' | 'databaseTimeout'>,
  access: 'read' | 'write' = 'write',
  pool = new DatabasePool(),
): DataSourceOptions {
  const shared = { entities, migrations, migrationsTableName: MIGRATIONS_TABLE, synchronize: false, logging: false } as const;
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
    // Also for the greeting of a server that takes the connection and then says nothing.
    connectTimeout: within(databaseTimeout) * 1000,
    poolSize: database.poolSize,
    // Without this flag MySQL counts a row that an upsert left as it was like one that it inserted, and the nonce
    // store could not tell a replay from a first use.
    flags: ['-FOUND_ROWS'],
    driver: {
      ...mysql2,
      createPool: (options: mysql2.PoolOptions) => pool.keep(createPreparedPool(options, database.poolSize, databaseTimeout)),
    },
  };
}

/** Where the server is, and what is encrypted and checked on the way. */
function addressAndTls({ host, port, socket, tls }: ServerSettings): Pick<mysql2.PoolOptions, 'host' | 'port' | 'socketPath' | 'ssl'> {
  if (socket !== null) return { socketPath: socket };
  if (tls === null) return { host, port };
  const { ca, client, verify } = tls;
  // The driver checks the name in a certificate only if it is told to.
  const checks = { rejectUnauthorized: verify !== 'nothing', verifyIdentity: verify === 'identity' };
  return { host, port, ssl: { minVersion: 'TLSv1.2', ...checks, ...client, ...(ca === null ? {} : { ca }) } };
}

/** Whole seconds a little short of the time a caller waits: who fails within it can say what of. */
const within = (databaseTimeout: number): number => Math.max(1, Math.floor(databaseTimeout * 0.7));

/** What a transaction on MySQL is isolated by that does not say otherwise. */
export const SESSION_ISOLATION = 'REPEATABLE READ';

/**
 * What every MySQL session starts with. The server's own defaults are not to be trusted: its time zone may be
 * anything, a lax mode truncates silently, and NO_BACKSLASH_ESCAPES or ANSI_QUOTES change what a statement means.
 * A lock is waited for a little less long than the caller waits: no statement of his stays behind on the server.
 */
const SESSION =
  "SET time_zone = '+00:00', sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = ";

/**
 * What mysql2 does where it is told of no stream, but every address of the host has its turn within DB_TIMEOUT, which may be far less
 * than NEIGHBOUR_TIMEOUT.
 */
function openConnection({ host, port = 3306 }: mysql2.PoolOptions, databaseTimeout: number): Socket {
  const autoSelectFamilyAttemptTimeout = attemptTimeout(within(databaseTimeout) * 1000);
  return connect({ host, port, noDelay: true, keepAlive: true, autoSelectFamilyAttemptTimeout });
}

/**
 * On a node of a Galera cluster, a read waits until the node has done what was acknowledged anywhere in the cluster before: a caller may be
 * answered by one instance of the service and ask another one next, which uses another node. Elsewhere it does nothing; MySQL does not
 * know it.
 */
const WAIT_FOR_CLUSTER_WRITES = 'SET SESSION wsrep_sync_wait = 1';

function createPreparedPool(options: mysql2.PoolOptions, poolSize: number, databaseTimeout: number): BoundedPool {
  const pool = mysql2.createPool({ ...options, ...(options.socketPath ? {} : { stream: () => openConnection(options, databaseTimeout) }) });
  // Queued on the new connection ahead of whatever it was opened for.
  pool.on('connection', (connection) => {
    // A session that is not set up as the statements expect must not run any.
    const destroyOnError = (error: unknown) => error && connection.destroy();
    connection.query(`${SESSION}${within(databaseTimeout)}`, destroyOnError);
    connection.query(`SET SESSION TRANSACTION ISOLATION LEVEL ${SESSION_ISOLATION}`, destroyOnError);
    connection.query(WAIT_FOR_CLUSTER_WRITES, (error: unknown) => destroyOnError(error && !isUnknownVariable(error) ? error : null));
  });
  return new BoundedPool(pool, poolSize, databaseTimeout);
}
