import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AS_ROOT, privateAccess, PrivateServer } from './private-server';

export { freePort, type ServerAccess } from './private-server';

/** A private MariaDB server. */
export class PrivateMariadb extends PrivateServer {
  protected readonly program = 'mariadbd';
  protected readonly ownOptions = [];

  /**
   * Starts a server and waits until it responds.
   *
   * @param options of `mariadbd`, in addition to those for tests, which they override.
   * @param place the folder in which its data folder is created.
   * @param configuration the content of its configuration file, which programs that it starts read too.
   */
  static async start(options: readonly string[] = [], place = tmpdir(), configuration = ''): Promise<PrivateMariadb> {
    const folder = mkdtempSync(join(place, 'flexisip-api-mariadb-'));
    const data = `--datadir=${join(folder, 'data')}`;
    // Its output is part of the error if it fails.
    execFileSync(
      'sh',
      ['-c', 'exec mariadb-install-db "$@" >&2', 'sh', '--no-defaults', data, '--skip-test-db', ...AS_ROOT],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, TMPDIR: folder },
      },
    );
    const mariadb = new PrivateMariadb(await privateAccess(), folder, options, configuration);
    await mariadb.runFirst(["DELETE FROM mysql.global_priv WHERE User = ''", 'FLUSH PRIVILEGES']);
    return mariadb;
  }

  /** Another server with a copy of the data of this one, which must be shut down. It is not started yet. */
  async copy(options: readonly string[]): Promise<PrivateMariadb> {
    const folder = mkdtempSync(join(dirname(this.folder), 'flexisip-api-mariadb-'));
    cpSync(join(this.folder, 'data'), join(folder, 'data'), { recursive: true });
    return new PrivateMariadb(await privateAccess(), folder, options, this.configuration);
  }
}
