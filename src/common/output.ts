import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Characters that wait to be written, at most; the last line before the limit may exceed it. */
const MOST_WAITING = 1_048_576;

/** Bytes that POSIX writes to a pipe whole or not at all (PIPE_BUF of Linux): the lines of several processes stay whole. */
const ATOMIC = 4_096;

const NEWLINE = 10;

/** Milliseconds until the next attempt after the reader was slow, and after any other failure. */
const PAUSE_FOR_READER = 20;
const PAUSE_AFTER_FAILURE = 1_000;

/** Milliseconds for which the end of the process waits for a reader that is slow. */
const PATIENCE_AT_EXIT = 1_000;

/** Lines that were dropped, and why: the code of the last failure. */
export interface Loss {
  readonly lines: number;
  readonly reason: string;
}

/**
 * Standard output or standard error of this process, for lines. Writing neither throws nor waits: where a reader has stopped, a disk is
 * full or a pipe is closed, lines wait up to a limit, further ones are dropped and counted, and writing goes on as soon as it can.
 *
 * The lines of one turn of the event loop are written together: under load, a call to the kernel for each of them costs as much as all
 * else about it. What waits when the process ends is written, as far as that succeeds within a second.
 *
 * pino's own destination (sonic-boom) does not fit. With `sync` it waits for a reader without end. Without, a thread of libuv waits, and
 * `process.exit()` waits for that thread; its `flushSync()` repeats after ENOSPC without end.
 */
export class Output {
  /** Called when all that waited is written, if lines were dropped meanwhile. */
  whenResumed: (loss: Loss) => void = () => undefined;

  private isUsed = false;
  private descriptor: number | undefined;
  /** Lines of this turn. */
  private fresh = '';
  private waiting: Buffer = Buffer.alloc(0);
  /** The next attempt, while writing fails. */
  private retry: NodeJS.Timeout | undefined;
  private reason = '';
  private dropped = 0;
  private reported = 0;

  /** @param standard the number of its file descriptor. */
  constructor(private readonly standard: 1 | 2) {}

  /** How many lines were dropped since the process began. */
  get droppedLines(): number {
    return this.dropped;
  }

  /** @param text whole lines. */
  write(text: string): void {
    if (!this.isUsed) process.on('exit', () => this.flushAtExit());
    this.isUsed = true;
    // A turn of many lines is no reason to drop any.
    if (this.isFull && !this.retry) this.flush();
    if (this.isFull) {
      this.dropped += text.split('\n').length - 1;
      return;
    }
    if (this.fresh === '' && !this.retry) setImmediate(() => this.flush());
    this.fresh += text;
  }

  private get isFull(): boolean {
    return this.fresh.length + this.waiting.length >= MOST_WAITING;
  }

  private flush(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    if (this.fresh !== '') this.waiting = Buffer.concat([this.waiting, Buffer.from(this.fresh)]);
    this.fresh = '';
    try {
      this.descriptor ??= openWithoutWaiting(this.standard);
      while (this.waiting.length > 0) {
        const written = writeSync(this.descriptor, this.waiting, 0, lengthOfWholeLines(this.waiting));
        this.waiting = this.waiting.subarray(written);
      }
    } catch (error) {
      this.reason = (error as NodeJS.ErrnoException).code ?? String(error);
      this.retry = setTimeout(() => this.flush(), this.reason === 'EAGAIN' ? PAUSE_FOR_READER : PAUSE_AFTER_FAILURE).unref();
      return;
    }
    this.reportLoss();
  }

  private reportLoss(): void {
    const lines = this.dropped - this.reported;
    this.reported = this.dropped;
    if (lines > 0) this.whenResumed({ lines, reason: this.reason });
  }

  private flushAtExit(): void {
    const deadline = performance.now() + PATIENCE_AT_EXIT;
    do {
      this.flush();
      if (!this.retry && this.fresh === '') return;
      if (this.retry) pause(PAUSE_FOR_READER);
    } while ((!this.retry || this.reason === 'EAGAIN') && performance.now() < deadline);
  }
}

/** The outputs of this process; there is one object for each, so that all lines keep their order. */
export const standardOutput = new Output(1);
export const standardError = new Output(2);

/** As many bytes as can be written to a pipe at once and end with a line; those of a longer line end with it. */
function lengthOfWholeLines(text: Buffer): number {
  if (text.length <= ATOMIC) return text.length;
  const end = text.lastIndexOf(NEWLINE, ATOMIC - 1);
  return end >= 0 ? end + 1 : text.indexOf(NEWLINE) + 1 || text.length;
}

/**
 * A file descriptor of the same file, pipe, terminal or socket that fails with EAGAIN instead of waiting for a reader. It is a description
 * of its own where the system allows that: the mode of the inherited one is shared with other processes, each of which may change it.
 */
function openWithoutWaiting(standard: 1 | 2): number {
  const status = fstatSync(standard);
  if (status.isFile()) return standard;
  if (status.isFIFO() || status.isCharacterDevice()) {
    try {
      return openSync(`/proc/self/fd/${standard}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch {
      // Not Linux, a pipe without a reader, or one that another user has made.
    }
  }
  // Node changes the mode of a pipe or socket when it makes a stream of it.
  void (standard === 1 ? process.stdout : process.stderr);
  return standard;
}

/** Lets the whole process sleep, so many milliseconds. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
