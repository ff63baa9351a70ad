import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { ServerAccess } from './private-mariadb.js';

declare global {
  /** The database this run of the test file is for; set by jest.config.js. */
  var TEST_DATABASE: 'sqlite' | 'mariadb';
}

/** A database of a test file's own, empty. */
export interface TestDatabase {
  /** The settings that lead to it. */
  readonly environment: Record<string, string>;
  remove(): Promise<void>;
}

export const isMariadb = globalThis.TEST_DATABASE === 'mariadb';

/** The MariaDB server of this run. */
export function serverAccess(): ServerAccess {
  const { TEST_DB_HOST, TEST_DB_PORT, TEST_DB_USERNAME, TEST_DB_PASSWORD } = process.env;
  return {
    host: TEST_DB_HOST ?? '127.0.0.1',
    port: Number(TEST_DB_PORT ?? 3306),
    user: TEST_DB_USERNAME ?? 'root',
    password: TEST_DB_PASSWORD ?? '',
  };
}

export function createDatabase(): Promise<TestDatabase> {
  return isMariadb ? createOnServer(serverAccess()) : Promise.resolve(createFile());
}

/** A file for an embedded database. */
export function createFile(): TestDatabase {
  // The application that a test starts in its own process creates the file, under the umask that programs set.
  process.umask(0o077);
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
      DEVICES_DRIVER: 'none',
    },
    remove: () => administer(`DROP DATABASE ${database}`),
  };
}
