import { PrivateMariadb } from './private-mariadb.js';
import { PrivateMysql } from './private-mysql.js';
import type { PrivateServer } from './private-server.js';

/**
 * Starts a private server of the database product of this run. A test may crash or freeze it.
 *
 * @param options of the server, in addition to those for tests, which they override.
 */
export function startServer(options: readonly string[] = []): Promise<PrivateServer> {
  return globalThis.TEST_DATABASE === 'mysql' ? PrivateMysql.start(options) : PrivateMariadb.start(options);
}
