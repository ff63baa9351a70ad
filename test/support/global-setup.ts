import { execFileSync } from 'node:child_process';
import { createConnection } from 'mysql2/promise';
import { PrivateMariadb } from './private-mariadb';
import { serverAccess } from './test-database';

declare global {
  var privateMariadb: PrivateMariadb | undefined;
}

/** Starts a private MariaDB where one is installed and no server is given by TEST_DB_*; tests find it in the environment. */
export default async function globalSetup(): Promise<void> {
  if (!process.env.TEST_DB_HOST && isInstalled('mariadbd')) await startPrivateServer();
  if (process.env.TEST_DB_HOST) process.env.TEST_DB_VERSION = await serverVersion();
}

async function startPrivateServer(): Promise<void> {
  globalThis.privateMariadb = await PrivateMariadb.start();
  const { host, port, user, password } = globalThis.privateMariadb.access;
  Object.assign(process.env, { TEST_DB_HOST: host, TEST_DB_PORT: String(port), TEST_DB_USERNAME: user, TEST_DB_PASSWORD: password });
}

async function serverVersion(): Promise<string> {
  const connection = await createConnection(serverAccess());
  const [[{ version }]] = (await connection.query('SELECT VERSION() AS version')) as unknown as [[{ version: string }]];
  await connection.end();
  return version;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
