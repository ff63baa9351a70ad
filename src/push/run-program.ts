import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { OutboundCallFailed, reasonOf } from '../outbound/outbound-call-failed.js';

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
 * Runs a program to its end, without a shell, in a process group of its own. Nothing of the group outlives it; all of it is
 * killed when the signal is aborted, or when the program writes more than 64 KiB.
 *
 * @param name what it is called in the log.
 * @throws OutboundCallFailed if it cannot be started, writes too much or is not done in time.
 */
export function runProgram(name: string, path: string, words: readonly string[], signal: AbortSignal): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const env = Object.fromEntries(INHERITED.map((variable) => [variable, process.env[variable]]));
    const child = start(name, path, words, env);
    // Where there are no descriptors left, there are no streams either.
    const streams = ([child.stdout, child.stderr] as (Readable | undefined)[]).filter((stream) => stream !== undefined);
    const chunks = streams.map((): Buffer[] => []);
    let size = 0;
    let failure: OutboundCallFailed | undefined;

    const kill = (reason: string) => {
      failure ??= new OutboundCallFailed(name, reason);
      killGroup(child.pid);
      // A grandchild in another group may hold the pipes open for ever.
      for (const stream of streams) stream.destroy();
    };
    const late = () => kill('did not end in time');
    signal.addEventListener('abort', late, { once: true });
    child.once('error', (error) => {
      signal.removeEventListener('abort', late);
      reject(new OutboundCallFailed(name, `cannot be started, ${reasonOf(error)}`));
    });
    streams.forEach((stream, index) =>
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_BYTES) chunks[index]?.push(chunk);
        else kill('writes more than 64 KiB');
      }),
    );
    child.once('exit', () => killGroup(child.pid));
    child.once('close', (code) => {
      signal.removeEventListener('abort', late);
      // One after the other: a line of one may come in the middle of a line of the other.
      if (failure) reject(failure);
      else resolve({ code, output: chunks.map((one) => Buffer.concat(one).toString('utf8')).join('\n') });
    });
    if (signal.aborted) late();
  });
}

/** What `spawn` cannot even try it throws. */
function start(name: string, path: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  try {
    return spawn(path, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
  } catch (error) {
    throw new OutboundCallFailed(name, `cannot be started, ${reasonOf(error)}`);
  }
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
}
