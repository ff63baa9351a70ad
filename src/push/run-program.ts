import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { OutboundCallFailed, reasonOf } from '../outbound/outbound-call-failed.js';

/** The result of a program that has ended. */
export interface ProgramEnd {
  /** Its exit code, or null if a signal ended it. */
  readonly code: number | null;
  /** Its standard output and standard error. */
  readonly output: string;
}

/** Maximum size of a program's output in bytes. */
const MOST_BYTES = 65_536;

/** The only variables of our environment that a program gets. Others hold secrets. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'FS_LOG_DIR'];

/**
 * Runs a program to its end, without a shell, in a process group of its own. No process of the group outlives the
 * program. The whole group is killed when the signal is aborted, or when the program writes more than 64 KiB.
 *
 * @param name of the program in the log.
 * @throws OutboundCallFailed if the program cannot be started, writes too much or does not end in time.
 */
export function runProgram(
  name: string,
  path: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const env = Object.fromEntries(INHERITED.map((variable) => [variable, process.env[variable]]));
    const child = start(name, path, words, env);
    // If no file descriptors are left, there are no streams.
    const streams = ([child.stdout, child.stderr] as (Readable | undefined)[]).filter((stream) => stream !== undefined);
    const chunks = streams.map((): Buffer[] => []);
    let size = 0;
    let failure: OutboundCallFailed | undefined;

    const kill = (reason: string) => {
      failure ??= new OutboundCallFailed(name, reason);
      killGroup(child.pid);
      // A grandchild in another group may hold the pipes open forever.
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
      // The outputs are joined one after the other. Mixed, a line of one may arrive in the middle of a line of the
      // other.
      if (failure) reject(failure);
      else resolve({ code, output: chunks.map((one) => Buffer.concat(one).toString('utf8')).join('\n') });
    });
    if (signal.aborted) late();
  });
}

/** Starts the program. `spawn` throws if it cannot even try to. */
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
    // No process of the group is left.
  }
}
