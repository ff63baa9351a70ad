import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AS_ROOT, privateAccess, PrivateServer } from './private-server';

/** Durability that tests can do without: a crash of the whole machine loses data, a crash of the server does not. */
const FAST = [
  '--skip-log-bin',
  '--innodb-doublewrite=OFF',
  '--innodb-redo-log-capacity=64M',
  '--performance-schema=OFF',
];

/** Paths that Debian's server expects in the folders of a complete installation. */
const ALONE = ['--mysqlx=OFF', '--secure-file-priv=NULL'];

/** A private MySQL server: the `mysqld` that TEST_MYSQLD names. */
export class PrivateMysql extends PrivateServer {
  protected readonly ownOptions = [...FAST, ...ALONE];
  protected readonly program = mysqld();

  /**
   * Starts a server and waits until it responds.
   *
   * @param options of `mysqld`, in addition to those for tests, which they override.
   */
  static async start(options: readonly string[] = []): Promise<PrivateMysql> {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-mysql-'));
    const initialize = ['--initialize-insecure', `--datadir=${join(folder, 'data')}`, ...FAST, ...ALONE, ...AS_ROOT];
    execFileSync(mysqld(), ['--no-defaults', ...initialize], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: folder },
    });
    const mysql = new PrivateMysql(await privateAccess(), folder, options);
    await mysql.runFirst();
    return mysql;
  }
}

function mysqld(): string {
  const { TEST_MYSQLD } = process.env;
  if (!TEST_MYSQLD) throw new Error('TEST_MYSQLD must name a mysqld: scripts/mysql-server.sh fetches one.');
  return TEST_MYSQLD;
}
