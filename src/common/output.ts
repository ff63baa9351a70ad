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
  /** Called if lines were dropped: before the next line is taken, and when all that waited is written. */
  whenResumed: (loss: Loss) => void = () => undefined;

  private isUsed = false;
  private file: OpenFile | undefined;
  /** Lines of this turn. */
  private fresh = '';
  private waiting: Buffer = Buffer.alloc(0);
  /** The next attempt, while writing fails. */
  private retry: NodeJS.Timeout | undefined;
  private reason = '';
  /** Whether the last line was dropped. Further ones are until half of what waits is written, so that few of them tell of a loss. */
  private isDropping = false;
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
    this.isDropping = this.isFull;
    if (this.isDropping) {
      this.dropped += text.split('\n').length - 1;
      return;
    }
    this.reportLoss();
    if (this.fresh === '' && !this.retry) setImmediate(() => this.flush());
    this.fresh += text;
  }

  private get isFull(): boolean {
    return this.fresh.length + this.waiting.length >= (this.isDropping ? MOST_WAITING / 2 : MOST_WAITING);
  }

  private flush(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    if (this.fresh !== '') this.waiting = Buffer.concat([this.waiting, Buffer.from(this.fresh)]);
    this.fresh = '';
    try {
      this.file ??= openWithoutWaiting(this.standard);
      while (this.waiting.length > 0) {
        this.file.keepFromWaiting();
        const written = writeSync(this.file.descriptor, this.waiting, 0, lengthOfWholeLines(this.waiting));
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

/** A file that is written to. */
interface OpenFile {
  readonly descriptor: number;
  /** To be called before each write: makes it fail with EAGAIN instead of waiting for a reader. */
  readonly keepFromWaiting: () => void;
}

/** The member of a stream of Node that has the pipe, socket or terminal. It is not documented, so any of it may be missing. */
const HANDLE = '_handle';
interface StreamOfNode {
  readonly [HANDLE]?: { readonly setBlocking?: (isBlocking: boolean) => unknown } | null;
}

/**
 * Opens the same file, pipe, terminal or socket so that a write fails with EAGAIN instead of waiting for a reader. The description is one
 * of its own where the system allows that. The mode of an inherited description is shared with other processes, each of which may change
 * it: libuv makes it blocking when it starts a process, Node when it ends. It is therefore set before each write.
 */
function openWithoutWaiting(standard: 1 | 2): OpenFile {
  const status = fstatSync(standard);
  if (status.isFile()) return { descriptor: standard, keepFromWaiting: () => undefined };
  if (status.isFIFO() || status.isCharacterDevice()) {
    try {
      const descriptor = openSync(`/proc/self/fd/${standard}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      return { descriptor, keepFromWaiting: () => undefined };
    } catch {
      // Not Linux, a pipe without a reader, or one that another user has made.
    }
  }
  const stream = (standard === 1 ? process.stdout : process.stderr) as unknown as StreamOfNode;
  return { descriptor: standard, keepFromWaiting: () => void stream[HANDLE]?.setBlocking?.(false) };
}

/** Lets the whole process sleep, so many milliseconds. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
