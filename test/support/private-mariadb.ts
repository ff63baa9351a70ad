import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';

/** How to reach a MySQL or MariaDB server where tests may create databases. */
export interface ServerAccess {
  host: string;
  port: number;
  user: string;
  password: string;
}

/** A MariaDB server of our own, on a free port, with its data in a folder that goes with it. */
export class PrivateMariadb {
  private constructor(
    readonly access: ServerAccess,
    private readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /** Starts a server and waits until it answers. */
  static async start(): Promise<PrivateMariadb> {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-mariadb-'));
    const access = { host: '127.0.0.1', port: await freePort(), user: 'tester', password: 'tester' };
    const data = join(folder, 'data');
    // As root, both programs must be told to stay it; as anybody else they are not asked.
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    execFileSync('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--skip-test-db', ...user], { stdio: 'ignore' });
    const initFile = join(folder, 'init.sql');
    writeFileSync(
      initFile,
      `DELETE FROM mysql.global_priv WHERE User = '';\nFLUSH PRIVILEGES;\nCREATE USER '${access.user}'@'%' IDENTIFIED BY '${access.password}';\nGRANT ALL ON *.* TO '${access.user}'@'%';\n`,
    );
    const server = spawn(
      'mariadbd',
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--socket=${join(folder, 'socket')}`,
        `--pid-file=${join(folder, 'pid')}`,
        `--port=${access.port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        `--init-file=${initFile}`,
        '--innodb-flush-log-at-trx-commit=2',
        '--innodb-buffer-pool-size=128M',
        '--max-connections=300',
        // Unlike ours, on purpose: the service must not trust the server's defaults.
        '--default-time-zone=+05:30',
        ...user,
      ],
      { stdio: 'ignore' },
    );
    const mariadb = new PrivateMariadb(access, folder, server);
    try {
      await waitUntilReady(access, server);
    } catch (error) {
      await mariadb.stop();
      throw error;
    }
    return mariadb;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function waitUntilReady(access: ServerAccess, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`mariadbd ended with exit code ${server.exitCode}`);
    try {
      await (await createConnection(access)).end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A TCP port of the loopback interface that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
