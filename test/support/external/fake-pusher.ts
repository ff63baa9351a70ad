import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A call of the program. */
export interface PusherCall {
  /** Its arguments. */
  readonly words: string[];
  readonly environment: Record<string, string>;
}

/** Variables that a shell adds to its environment. */
const OF_THE_SHELL = new Set(['PWD', 'OLDPWD', 'SHLVL', '_']);

/**
 * A program in place of `flexisip_pusher`: a shell script that records its call and then runs lines set by the test.
 */
export class FakePusher {
  readonly folder = mkdtempSync(join(tmpdir(), 'flexisip-api-pusher-'));
  readonly path = join(this.folder, 'flexisip_pusher');
  private readonly records = join(this.folder, 'calls');
  private readonly holds = join(this.folder, 'holds');

  constructor() {
    this.does();
    this.forget();
  }

  /** Sets the lines of shell that it runs after it has recorded a call. */
  does(...lines: string[]): void {
    const record = [
      `record=$(mktemp -d '${this.records}/XXXXXX')`,
      `printf '%s\\0' "$@" > "$record/words"`,
      'env > "$record/environment"',
      'mv "$record" "$record.call"',
    ];
    // A running shell continues to read its file, so the file is replaced and not changed.
    const draft = `${this.path}.draft`;
    writeFileSync(draft, ['#!/bin/sh', ...record, ...lines, ''].join('\n'));
    chmodSync(draft, 0o755);
    renameSync(draft, this.path);
  }

  /** Makes it print lines on standard output and end with an exit code. */
  prints(lines: readonly string[], code = 0): void {
    this.does("cat <<'END'", ...lines, 'END', `exit ${code}`);
  }

  /** Lines of shell that wait until the test calls {@link release}. A program that waits twice needs two names. */
  waits(name = 'wait'): string[] {
    const fifo = `'${this.holds}'/${name}-$$`;
    return [`mkfifo ${fifo}`, `read -r word < ${fifo}`, `rm ${fifo}`];
  }

  /** The names of the pipes that programs wait for, one for each waiting program. */
  get waiting(): string[] {
    return readdirSync(this.holds);
  }

  release(place: string): void {
    writeFileSync(join(this.holds, place), 'go\n');
  }

  /** The calls so far, in no particular order. */
  get calls(): PusherCall[] {
    const names = readdirSync(this.records).filter((name) => name.endsWith('.call'));
    return names.map((name) => {
      const read = (file: string) => readFileSync(join(this.records, name, file), 'utf8');
      const variables = read('environment').split('\n').slice(0, -1);
      const pairs = variables.map(
        (line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const,
      );
      return {
        words: read('words').split('\0').slice(0, -1),
        environment: Object.fromEntries(pairs.filter(([variable]) => !OF_THE_SHELL.has(variable))),
      };
    });
  }

  /** The only call so far. */
  get call(): PusherCall {
    const [call, ...others] = this.calls;
    if (!call || others.length > 0) throw new Error(`the program was called ${this.calls.length} times`);
    return call;
  }

  /** Process ids that its lines wrote into a file of its folder, one per line. */
  pids(file: string): number[] {
    const path = join(this.folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').filter(Boolean).map(Number) : [];
  }

  /** Kills the processes of {@link pids} that a program left running, and forgets them. */
  endLeftovers(file: string): void {
    for (const pid of this.pids(file).filter(isRunning)) process.kill(pid, 'SIGKILL');
    rmSync(join(this.folder, file), { force: true });
  }

  /** Forgets all calls. */
  forget(): void {
    for (const folder of [this.records, this.holds]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Whether a process still runs. A zombie process does not. */
export function isRunning(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return state.trim() !== '' && !state.trim().startsWith('Z');
  } catch {
    return false;
  }
}
