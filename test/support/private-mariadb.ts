import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';

/** As root, the programs must be told to stay it; as anybody else they are not asked. */
const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];

/** How to reach a MySQL or MariaDB server where tests may create databases. */
export interface ServerAccess {
  host: string;
  port: number;
  user: string;
  password: string;
}

/** A MariaDB server of our own, on a free port, with its data in a folder that goes with it. */
export class PrivateMariadb {
  private server: ChildProcess | null = null;

  private constructor(
    readonly access: ServerAccess,
    private readonly folder: string,
    private readonly options: readonly string[],
  ) {}

  /**
   * Starts a server and waits until it answers.
   *
   * @param options of `mariadbd`, besides those for tests, which they override.
   * @param place the folder that gets the folder with its data.
   */
  static async start(options: readonly string[] = [], place = tmpdir()): Promise<PrivateMariadb> {
    const folder = mkdtempSync(join(place, 'flexisip-api-mariadb-'));
    const access = { host: '127.0.0.1', port: await freePort(), user: 'tester', password: 'tester' };
    const data = `--datadir=${join(folder, 'data')}`;
    execFileSync('mariadb-install-db', ['--no-defaults', data, '--skip-test-db', ...AS_ROOT], { stdio: 'ignore' });
    const initFile = join(folder, 'init.sql');
    writeFileSync(
      initFile,
      `DELETE FROM mysql.global_priv WHERE User = '';\nFLUSH PRIVILEGES;\nCREATE USER '${access.user}'@'%' IDENTIFIED BY '${access.password}';\nGRANT ALL ON *.* TO '${access.user}'@'%' WITH GRANT OPTION;\n`,
    );
    const mariadb = new PrivateMariadb(access, folder, options);
    await mariadb.run([`--init-file=${initFile}`]);
    return mariadb;
  }

  /** The path of its unix socket. */
  get socket(): string {
    return join(this.folder, 'socket');
  }

  get pid(): number {
    return Number(this.server?.pid);
  }

  /** Ends it at once, as a crash would. */
  async crash(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts it again on the same port with the same data, and waits until it answers. */
  async comeBack(): Promise<void> {
    await this.run([]);
  }

  /** Lets it answer nobody, with its connections standing. */
  freeze(): void {
    this.server?.kill('SIGSTOP');
    while (!/^\d+ \(.*\) [TZ] /.test(readFileSync(`/proc/${this.server?.pid}/stat`, 'utf8'))) continue;
  }

  thaw(): void {
    this.server?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { server } = this;
    this.server = null;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  private async run(initial: readonly string[]): Promise<void> {
    const { access, folder } = this;
    this.server = spawn(
      'mariadbd',
      [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        `--socket=${this.socket}`,
        `--pid-file=${join(folder, 'pid')}`,
        `--port=${access.port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--innodb-flush-log-at-trx-commit=2',
        '--innodb-buffer-pool-size=128M',
        '--max-connections=300',
        // Unlike ours, on purpose: the service must not trust the server's defaults.
        '--default-time-zone=+05:30',
        ...this.options,
        ...initial,
        ...AS_ROOT,
      ],
      { stdio: 'ignore' },
    );
    try {
      await waitUntilReady(access, this.server);
    } catch (error) {
      await this.stop();
      throw error;
    }
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
