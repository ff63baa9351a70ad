import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';

/** The number of last log lines that are shown for a server that did not start. */
const LOG_LINES = 30;

/** The address and user of a MySQL or MariaDB server where tests may create databases. */
export interface ServerAccess {
  host: string;
  port: number;
  user: string;
  password: string;
}

/** For root, the servers need this option to keep running as root. */
export const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];

/** A private database server on a free port. Its data folder is removed with it. */
export abstract class PrivateServer {
  private server: ChildProcess | null = null;
  /** The folder for its temporary tables. A server that starts deletes those of all servers that share the folder. */
  private readonly temporary = mkdtempSync(join(tmpdir(), 'flexisip-api-tmp-'));

  /**
   * @param options of the server, in addition to those for tests, which they override.
   * @param configuration the content of its configuration file, which programs that it starts read too.
   */
  protected constructor(
    readonly access: ServerAccess,
    protected readonly folder: string,
    private readonly options: readonly string[],
    protected readonly configuration = '',
  ) {
    writeFileSync(join(folder, 'my.cnf'), configuration);
  }

  /** The server program, and the options that only this product has. */
  protected abstract readonly program: string;
  protected abstract readonly ownOptions: readonly string[];

  /** The path of its Unix socket. */
  get socket(): string {
    return join(this.folder, 'socket');
  }

  get pid(): number {
    return Number(this.server?.pid);
  }

  /** Kills the server, like a crash. */
  async crash(): Promise<void> {
    await this.end('SIGKILL');
  }

  /**
   * Restarts the server on the same port with the same data, and waits until it responds.
   *
   * @param further options, for this time.
   */
  async comeBack(further: readonly string[] = []): Promise<void> {
    await this.run(further);
  }

  /** Shuts the server down in an orderly way and keeps its data. */
  async shutDown(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Runs the program with its data to its end, instead of a server, and returns its output. */
  say(option: string): string {
    return spawnSync(this.program, [...this.arguments, option, ...AS_ROOT], { encoding: 'utf8' }).stderr;
  }

  /** Stops it from responding, while its connections stay open. */
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
    for (const folder of [this.folder, this.temporary]) rmSync(folder, { recursive: true, force: true });
  }

  /** Starts the server for the first time and creates the user of the tests. */
  protected async runFirst(statements: readonly string[] = []): Promise<void> {
    const { user, password } = this.access;
    const initFile = join(this.folder, 'init.sql');
    const all = [
      ...statements,
      `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`,
      `GRANT ALL ON *.* TO '${user}'@'%' WITH GRANT OPTION`,
    ];
    writeFileSync(initFile, all.map((statement) => `${statement};\n`).join(''));
    await this.run([`--init-file=${initFile}`]);
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { server } = this;
    this.server = null;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  private get arguments(): string[] {
    const { access, folder } = this;
    return [
      `--defaults-file=${join(folder, 'my.cnf')}`,
      `--datadir=${join(folder, 'data')}`,
      `--socket=${this.socket}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--port=${access.port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-flush-log-at-trx-commit=2',
      '--innodb-buffer-pool-size=128M',
      '--max-connections=300',
      // Deliberately not UTC: the service must not rely on the server's defaults.
      '--default-time-zone=+05:30',
      ...this.ownOptions,
      ...this.options,
    ];
  }

  private async run(initial: readonly string[]): Promise<void> {
    const log = openSync(join(this.folder, 'log'), 'a');
    this.server = spawn(this.program, [...this.arguments, ...initial, ...AS_ROOT], {
      stdio: ['ignore', log, log],
      env: { ...process.env, TMPDIR: this.temporary },
    });
    closeSync(log);
    try {
      await this.untilReady(this.server);
    } catch (error) {
      const lines = readFileSync(join(this.folder, 'log'), 'utf8').split('\n').slice(-LOG_LINES);
      await this.stop();
      throw new Error([(error as Error).message, ...lines].join('\n'), { cause: error });
    }
  }

  private async untilReady(server: ChildProcess): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      if (server.exitCode !== null) throw new Error(`${this.program} ended with exit code ${server.exitCode}`);
      try {
        await (await createConnection(this.access)).end();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
}

/** The address and user of a new private server. */
export async function privateAccess(): Promise<ServerAccess> {
  return { host: '127.0.0.1', port: await freePort(), user: 'tester', password: 'tester' };
}

/** A free TCP port of the loopback interface. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
