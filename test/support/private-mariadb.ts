import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AS_ROOT, privateAccess, PrivateServer } from './private-server';

export { freePort, type ServerAccess } from './private-server';

/** A MariaDB server of our own. */
export class PrivateMariadb extends PrivateServer {
  protected readonly program = 'mariadbd';
  protected readonly ownOptions = [];

  /**
   * Starts a server and waits until it answers.
   *
   * @param options of `mariadbd`, besides those for tests, which they override.
   * @param place the folder that gets the folder with its data.
   */
  static async start(options: readonly string[] = [], place = tmpdir()): Promise<PrivateMariadb> {
    const folder = mkdtempSync(join(place, 'flexisip-api-mariadb-'));
    const data = `--datadir=${join(folder, 'data')}`;
    execFileSync('mariadb-install-db', ['--no-defaults', data, '--skip-test-db', ...AS_ROOT], { stdio: 'ignore' });
    const mariadb = new PrivateMariadb(await privateAccess(), folder, options);
    await mariadb.runFirst(["DELETE FROM mysql.global_priv WHERE User = ''", 'FLUSH PRIVILEGES']);
    return mariadb;
  }
}
