import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { tmpdir } from 'node:os';
import { spawn } from 'node:child_process';

/** A place in a source file, and its replacement. */
export interface Change {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export type Database = 'sqlite' | 'mariadb';

/** The result of test files on the code of the copy. */
export interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'timed out';
  /** The full names of the failed tests. A file that cannot be run counts with its own name. */
  readonly failures: readonly string[];
}

/** Folders that are not copied: results of other work, and linked folders. */
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'coverage', 'var']);

/** A copy of the repository in a temporary folder. Its code may be broken to see which tests fail. */
export class PlantedTree {
  /** The process group of the running tests. */
  private running?: number;

  private constructor(
    private readonly root: string,
    private readonly folder: string,
  ) {}

  static create(root: string): PlantedTree {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flexisip-api-planted-')));
    cpSync(root, folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    symlinkSync(realpathSync(join(root, 'node_modules')), join(folder, 'node_modules'));
    return new PlantedTree(root, folder);
  }

  /** Runs work with some changes applied, and reverts them. Positions refer to the original file. */
  async with<T>(changes: readonly Change[], work: () => Promise<T>): Promise<T> {
    const originals = new Map(changes.map(({ file }) => [file, readFileSync(join(this.folder, file), 'utf8')]));
    // Changes are applied from the end to the beginning, so that none moves the position of another.
    for (const { file, start, end, text } of changes.toSorted((one, other) => other.start - one.start)) {
      const path = join(this.folder, file);
      const source = readFileSync(path, 'utf8');
      writeFileSync(path, source.slice(0, start) + text + source.slice(end));
    }
    try {
      return await work();
    } finally {
      for (const [file, original] of originals) writeFileSync(join(this.folder, file), original);
    }
  }

  /**
   * Runs test files one after the other, up to the first that fails.
   *
   * @param limit seconds after which the whole run is killed: broken code may loop forever.
   * @param environment for the tests, in addition to that of this process, such as the address of a MariaDB.
   */
  async test(
    files: readonly string[],
    database: Database,
    limit: number,
    environment: Record<string, string> = {},
  ): Promise<TestRun> {
    const missing = files.filter((file) => !existsSync(join(this.root, file)));
    if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')}`);
    const report = join(this.folder, 'planted-report');
    writeFileSync(report, '');
    const env = {
      ...process.env,
      ...environment,
      PLANTED_DATABASE: database,
      PLANTED_TESTS: JSON.stringify(files),
      PLANTED_REPORT: report,
    };
    const code = await this.runJest(['--runInBand', '--bail', '--runTestsByPath', ...files], env, limit);
    if (code === null) return { outcome: 'timed out', failures: [] };
    const lines = readFileSync(report, 'utf8').trimEnd().split('\n');
    const failures = lines.filter((line) => line !== '').flatMap((line) => JSON.parse(line) as string[]);
    if (code !== 0 && failures.length === 0)
      throw new Error(`jest ended with exit code ${code} and names no failed test`);
    return { outcome: code === 0 ? 'passed' : 'failed', failures };
  }

  /** Ends the running tests, as at the time limit. */
  stop(): void {
    if (this.running !== undefined) process.kill(-this.running, 'SIGKILL');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @returns the exit code; null if the process was killed. */
  private runJest(words: readonly string[], env: NodeJS.ProcessEnv, limit: number): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const jest = join(this.folder, 'node_modules/jest/bin/jest.js');
      const program = [jest, '--config', 'test/support/planted/jest.config.js', ...words];
      // The tests run in their own process group, so that their child processes are killed with them.
      const child = spawn(process.execPath, program, { cwd: this.folder, env, stdio: 'ignore', detached: true });
      this.running = child.pid;
      const timer = setTimeout(() => this.stop(), limit * 1000);
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(timer);
        this.running = undefined;
        resolve(code);
      });
    });
  }
}
