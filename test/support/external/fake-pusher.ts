import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How the program was called. */
export interface PusherCall {
  /** Its command line, without its own name. */
  readonly words: string[];
  readonly environment: Record<string, string>;
}

/** What a shell adds to the environment it was given. */
const OF_THE_SHELL = new Set(['PWD', 'OLDPWD', 'SHLVL', '_']);

/** A program in the place of `flexisip_pusher`: a shell script that records how it is called, and then does what it is told. */
export class FakePusher {
  readonly folder = mkdtempSync(join(tmpdir(), 'flexisip-api-pusher-'));
  readonly path = join(this.folder, 'flexisip_pusher');
  private readonly records = join(this.folder, 'calls');
  private readonly holds = join(this.folder, 'holds');

  constructor() {
    this.does();
    this.forget();
  }

  /** From now on it runs these lines of shell, once it has recorded the call. */
  does(...lines: string[]): void {
    const record = [
      `record=$(mktemp -d '${this.records}/XXXXXX')`,
      `printf '%s\\0' "$@" > "$record/words"`,
      'env > "$record/environment"',
      'mv "$record" "$record.call"',
    ];
    // A running shell reads on in the file it was started with.
    const draft = `${this.path}.draft`;
    writeFileSync(draft, ['#!/bin/sh', ...record, ...lines, ''].join('\n'));
    chmodSync(draft, 0o755);
    renameSync(draft, this.path);
  }

  /** From now on it prints lines on standard output, and ends with an exit code. */
  prints(lines: readonly string[], code = 0): void {
    this.does("cat <<'END'", ...lines, 'END', `exit ${code}`);
  }

  /** Lines of shell that wait until the test says {@link release}; a program that waits twice needs two names for it. */
  waits(name = 'wait'): string[] {
    const fifo = `'${this.holds}'/${name}-$$`;
    return [`mkfifo ${fifo}`, `read -r word < ${fifo}`, `rm ${fifo}`];
  }

  /** Where programs wait. */
  get waiting(): string[] {
    return readdirSync(this.holds);
  }

  release(place: string): void {
    writeFileSync(join(this.holds, place), 'go\n');
  }

  /** The calls there were, in no order. */
  get calls(): PusherCall[] {
    const names = readdirSync(this.records).filter((name) => name.endsWith('.call'));
    return names.map((name) => {
      const read = (file: string) => readFileSync(join(this.records, name, file), 'utf8');
      const variables = read('environment').split('\n').slice(0, -1);
      const pairs = variables.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
      return {
        words: read('words').split('\0').slice(0, -1),
        environment: Object.fromEntries(pairs.filter(([variable]) => !OF_THE_SHELL.has(variable))),
      };
    });
  }

  /** The only call there was. */
  get call(): PusherCall {
    const [call, ...others] = this.calls;
    if (!call || others.length > 0) throw new Error(`the program was called ${this.calls.length} times`);
    return call;
  }

  /** Process ids that its lines wrote into a file of its folder, one a line. */
  pids(file: string): number[] {
    const path = join(this.folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').filter(Boolean).map(Number) : [];
  }

  /** Ends the processes of {@link pids} that a program has left behind, and forgets them. */
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

/** Whether a process still runs; one that has ended and only waits for its parent to hear of it does not. */
export function isRunning(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return state.trim() !== '' && !state.trim().startsWith('Z');
  } catch {
    return false;
  }
}
