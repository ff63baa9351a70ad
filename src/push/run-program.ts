import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { NeighbourFailed, reasonOf } from '../common/neighbours/neighbour-failed.js';

/** How a program ended. */
export interface ProgramEnd {
  /** Its exit code, or null if a signal ended it. */
  readonly code: number | null;
  /** What it wrote to standard output and standard error. */
  readonly output: string;
}

/** The most, in bytes, that is read of what a program writes. */
const MOST_BYTES = 65_536;

/** All of our environment that a program gets: the rest holds our secrets. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'FS_LOG_DIR'];

/**
 * Runs a program to its end, without a shell, in a process group of its own. Whatever of the group is left is killed when the
 * signal is aborted, or when the program writes more than 64 KiB.
 *
 * @param name what it is called in the log.
 * @throws NeighbourFailed if it cannot be started, writes too much or is not done in time.
 */
export function runProgram(name: string, path: string, words: readonly string[], signal: AbortSignal): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const env = Object.fromEntries(INHERITED.map((variable) => [variable, process.env[variable]]));
    const child = spawn(path, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
    const chunks: Buffer[] = [];
    let size = 0;
    let failure: NeighbourFailed | undefined;

    const kill = (reason: string) => {
      failure ??= new NeighbourFailed(name, reason);
      killGroup(child.pid);
      // A grandchild in another group may hold the pipes open for ever.
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    };
    const late = () => kill('did not end in time');
    const collect = (stream: Readable) =>
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_BYTES) chunks.push(chunk);
        else kill('writes more than 64 KiB');
      });
    collect(child.stdout);
    collect(child.stderr);
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();

    child.once('error', (error) => {
      signal.removeEventListener('abort', late);
      reject(new NeighbourFailed(name, `cannot be started, ${reasonOf(error)}`));
    });
    child.once('close', (code) => {
      signal.removeEventListener('abort', late);
      if (failure) reject(failure);
      else resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
}
