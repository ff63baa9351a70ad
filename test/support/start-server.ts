import { PrivateMariadb } from './private-mariadb.js';
import { PrivateMysql } from './private-mysql.js';
import type { PrivateServer } from './private-server.js';

/**
 * Starts a server of the product this run is for, which a test may crash or freeze.
 *
 * @param options of the server, besides those for tests, which they override.
 */
export function startServer(options: readonly string[] = []): Promise<PrivateServer> {
  return globalThis.TEST_DATABASE === 'mysql' ? PrivateMysql.start(options) : PrivateMariadb.start(options);
}
