import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { ServerAccess } from './private-server';

/** A database server product. The service uses both with DB_DRIVER=mysql. */
export type DatabaseServer = 'mariadb' | 'mysql' | 'galera';

declare global {
  /** The database of this run of the test file; set by jest.config.js. */
  var TEST_DATABASE: 'sqlite' | DatabaseServer;
}

/** An empty database for one test file. */
export interface TestDatabase {
  /** The settings that select it. */
  readonly environment: Record<string, string>;
  /** Settings that select the same database on another cluster node, instead of those above. */
  readonly elsewhere?: Record<string, string>;
  remove(): Promise<void>;
}

/** Whether the database of this run is on a server: MariaDB, MySQL or a cluster. Tests without a database have none. */
export const isOnServer = ['mariadb', 'mysql', 'galera'].includes(globalThis.TEST_DATABASE);

/** Variables with the address of a server, and the variable with its version for the report. */
export function serverVariables(product: DatabaseServer): Record<keyof ServerAccess | 'version', string> {
  const prefix = { mariadb: 'TEST_DB', mysql: 'TEST_MYSQL', galera: 'TEST_GALERA' }[product];
  return {
    host: `${prefix}_HOST`,
    port: `${prefix}_PORT`,
    user: `${prefix}_USERNAME`,
    password: `${prefix}_PASSWORD`,
    version: `${prefix}_VERSION`,
  };
}

/** The server of this run. */
export function serverAccess(product: DatabaseServer = serverOfRun()): ServerAccess {
  const { host, port, user, password } = serverVariables(product);
  return {
    host: process.env[host] ?? '127.0.0.1',
    port: Number(process.env[port] ?? 3306),
    user: process.env[user] ?? 'root',
    password: process.env[password] ?? '',
  };
}

function serverOfRun(): DatabaseServer {
  if (globalThis.TEST_DATABASE === 'sqlite') throw new Error('This run is on SQLite: it has no server.');
  return globalThis.TEST_DATABASE;
}

export function createDatabase(): Promise<TestDatabase> {
  if (globalThis.TEST_DATABASE === 'galera') return createOnCluster(galeraNodes());
  return isOnServer ? createOnServer(serverAccess()) : Promise.resolve(createFile());
}

/** The nodes of a cluster; each is a server for the tests. */
export const galeraNodes = (): ServerAccess[] => JSON.parse(process.env.TEST_GALERA_NODES ?? '[]') as ServerAccess[];

/** An empty database on a cluster, for use on its first and its second node. */
export async function createOnCluster([first, second]: readonly ServerAccess[]): Promise<TestDatabase> {
  if (!first || !second) throw new Error('There is no cluster: run the tests with TEST_GALERA=1.');
  const database = await createOnServer(first);
  const other = await createConnection(second);
  // The node responds once it has applied the writes of the first node. After that, new connections may name the
  // database.
  await other.query('SET SESSION wsrep_sync_wait = 15');
  await other.query('SHOW DATABASES');
  await other.end();
  return { ...database, elsewhere: { ...database.environment, DB_HOST: second.host, DB_PORT: String(second.port) } };
}

/** A file for an embedded database. */
export function createFile(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-test-'));
  return {
    environment: { DB_DRIVER: 'sqlite', DB_DATABASE: join(folder, 'test.sqlite') },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** An empty database on the given server. */
export async function createOnServer(access: ServerAccess): Promise<TestDatabase> {
  const database = `flexisip_api_test_${randomUUID().replaceAll('-', '')}`;
  const administer = async (statement: string) => {
    const connection = await createConnection(access);
    await connection.query(statement);
    await connection.end();
  };
  await administer(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  return {
    environment: {
      DB_DRIVER: 'mysql',
      DB_HOST: access.host,
      DB_PORT: String(access.port),
      DB_DATABASE: database,
      DB_USERNAME: access.user,
      DB_PASSWORD: access.password,
      PUSH_DRIVER: 'log',
      MAIL_DRIVER: 'log',
      SMS_DRIVER: 'log',
      CAPTCHA_DRIVER: 'none',
      DEVICES_DRIVER: 'none',
    },
    remove: () => administer(`DROP DATABASE ${database}`),
  };
}
