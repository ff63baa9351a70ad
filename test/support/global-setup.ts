import { execFileSync } from 'node:child_process';
import { PrivateMariadb } from './private-mariadb';

declare global {
  var privateMariadb: PrivateMariadb | undefined;
}

/** Starts a private MariaDB where one is installed and no server is given by TEST_DB_*; tests find it in the environment. */
export default async function globalSetup(): Promise<void> {
  if (process.env.TEST_DB_HOST || !isInstalled('mariadbd')) return;
  globalThis.privateMariadb = await PrivateMariadb.start();
  const { host, port, user, password } = globalThis.privateMariadb.access;
  Object.assign(process.env, { TEST_DB_HOST: host, TEST_DB_PORT: String(port), TEST_DB_USERNAME: user, TEST_DB_PASSWORD: password });
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
