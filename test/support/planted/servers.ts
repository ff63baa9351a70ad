import { execFileSync } from 'node:child_process';
import { PrivateMariadb } from '../private-mariadb.js';

/** A MariaDB for tests outside jest's own global set-up. */
export interface Server {
  /** Variables that select it in the tests. */
  readonly environment: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts a private MariaDB if it is installed. If TEST_DB_* name a server, the tests use that one. */
export async function startMariadb(): Promise<Server | null> {
  if (process.env.TEST_DB_HOST || !isInstalled('mariadbd')) return null;
  const server = await PrivateMariadb.start();
  const { host, port, user, password } = server.access;
  return {
    environment: { TEST_DB_HOST: host, TEST_DB_PORT: String(port), TEST_DB_USERNAME: user, TEST_DB_PASSWORD: password },
    stop: () => server.stop(),
  };
}

/** Whether tests can run on MariaDB on this machine. */
export function hasMariadb(): boolean {
  return Boolean(process.env.TEST_DB_HOST) || isInstalled('mariadbd');
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
