import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tmpdir } from 'node:os';
import { spawn } from 'node:child_process';

/** A place in a source file, and what is to stand there instead. */
export interface Change {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export type Database = 'sqlite' | 'mariadb';

/** How test files took to the code they ran on. */
export interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'timed out';
  /** The full names of the tests that failed; a file that does not even run is named itself. */
  readonly failures: readonly string[];
}

/** What a copy does without: results of other work, and what is linked. */
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'coverage', 'var']);

/** A copy of the repository, in a temporary folder, whose product may be broken to see what the tests say. */
export class PlantedTree {
  /** The process group of the tests that are running. */
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

  /** Runs the work with some changes made, and takes them back. Of a file, the places are those of the original. */
  async with<T>(changes: readonly Change[], work: () => Promise<T>): Promise<T> {
    const originals = new Map(changes.map(({ file }) => [file, readFileSync(join(this.folder, file), 'utf8')]));
    // From the end to the beginning: no change moves the place of the next.
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
   * @param limit seconds after which all of the run is killed: broken code may loop for ever.
   * @param environment for the tests besides our own, such as the way to a MariaDB.
   */
  async test(files: readonly string[], database: Database, limit: number, environment: Record<string, string> = {}): Promise<TestRun> {
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
    if (code !== 0 && failures.length === 0) throw new Error(`jest ended with exit code ${code} and names no failed test`);
    return { outcome: code === 0 ? 'passed' : 'failed', failures };
  }

  /** Ends the tests that are running, as if their time were over. */
  stop(): void {
    if (this.running !== undefined) process.kill(-this.running, 'SIGKILL');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @returns the exit code, or null if it had to be killed. */
  private runJest(words: readonly string[], env: NodeJS.ProcessEnv, limit: number): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const jest = join(this.folder, 'node_modules/jest/bin/jest.js');
      const program = [jest, '--config', 'test/support/planted/jest.config.js', ...words];
      // A group of its own, so that what the tests have started goes with it.
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
