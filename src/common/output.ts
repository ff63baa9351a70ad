import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Maximum number of characters that wait to be written. The last line before the limit may exceed it. */
const MOST_WAITING = 1_048_576;

/**
 * PIPE_BUF of Linux, in bytes. POSIX writes up to this many bytes to a pipe at once, so the lines of several processes
 * do not mix.
 */
const ATOMIC = 4_096;

const NEWLINE = 10;

/** Milliseconds until the next attempt: after a slow reader, and after any other failure. */
const PAUSE_FOR_READER = 20;
const PAUSE_AFTER_FAILURE = 1_000;

/** Milliseconds that the end of the process waits for a slow reader. */
const FLUSH_LIMIT_AT_EXIT = 1_000;

/** The number of dropped lines, and the code of the last failure as the reason. */
export interface Loss {
  readonly lines: number;
  readonly reason: string;
}

/**
 * Writes lines to standard output or standard error of this process. A write neither throws nor blocks. If the reader
 * has stopped, the disk is full or the pipe is closed, lines wait up to a limit. Further lines are dropped and counted.
 * Writing continues as soon as possible.
 *
 * The lines of one turn of the event loop are written together: under load, a system call for each line costs as much
 * as all other work for it. When the process ends, waiting lines are written, as far as this succeeds within a second.
 *
 * pino's own destination (sonic-boom) does not fit. With `sync`, it waits for a reader without a limit. Without `sync`,
 * a thread of libuv waits, and `process.exit()` waits for that thread. Its `flushSync()` repeats without a limit after
 * ENOSPC.
 */
export class Output {
  /** Called after lines were dropped: before the next line is accepted, and when all waiting lines are written. */
  whenResumed: (loss: Loss) => void = () => undefined;

  private isUsed = false;
  private file: OpenFile | undefined;
  /** Lines of the current turn of the event loop. */
  private fresh = '';
  private waiting: Buffer = Buffer.alloc(0);
  /** Timer of the next attempt. Set while writing fails. */
  private retry: NodeJS.Timeout | undefined;
  private reason = '';
  /**
   * Whether the last line was dropped. Further lines are dropped until half of the waiting lines are written, so that
   * few log lines report a loss.
   */
  private isDropping = false;
  private dropped = 0;
  private reported = 0;

  /** @param standard file descriptor. */
  constructor(private readonly standard: 1 | 2) {}

  /** Number of lines dropped since the process began. */
  get droppedLines(): number {
    return this.dropped;
  }

  /** @param text whole lines. */
  write(text: string): void {
    if (!this.isUsed) process.on('exit', () => this.flushAtExit());
    this.isUsed = true;
    // Flush first: many lines in one turn are no reason to drop any.
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
      this.retry = setTimeout(
        () => this.flush(),
        this.reason === 'EAGAIN' ? PAUSE_FOR_READER : PAUSE_AFTER_FAILURE,
      ).unref();
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
    const deadline = performance.now() + FLUSH_LIMIT_AT_EXIT;
    do {
      this.flush();
      if (!this.retry && this.fresh === '') return;
      if (this.retry) pause(PAUSE_FOR_READER);
    } while ((!this.retry || this.reason === 'EAGAIN') && performance.now() < deadline);
  }
}

/** The outputs of this process. Each has one object, so that all lines keep their order. */
export const standardOutput = new Output(1);
export const standardError = new Output(2);

/** Number of bytes to write to a pipe at once, so that they end with a line break. A longer line counts as a whole. */
function lengthOfWholeLines(text: Buffer): number {
  if (text.length <= ATOMIC) return text.length;
  const end = text.lastIndexOf(NEWLINE, ATOMIC - 1);
  return end >= 0 ? end + 1 : text.indexOf(NEWLINE) + 1 || text.length;
}

/** A file to write to. */
interface OpenFile {
  readonly descriptor: number;
  /** Called before each write. It makes the write fail with EAGAIN instead of waiting for a reader. */
  readonly keepFromWaiting: () => void;
}

/**
 * Member of a Node stream that holds the pipe, socket or terminal. It is undocumented, so any part of it may be
 * missing.
 */
const HANDLE = '_handle';
interface StreamOfNode {
  readonly [HANDLE]?: { readonly setBlocking?: (isBlocking: boolean) => unknown } | null;
}

/**
 * Opens the same file, pipe, terminal or socket so that a write fails with EAGAIN instead of waiting for a reader.
 * Where the system allows it, this opens a new file description. The mode of an inherited description is shared with
 * other processes, and each of them may change it: libuv sets it to blocking when it starts a process, Node when it
 * ends. The mode is therefore set before each write.
 */
function openWithoutWaiting(standard: 1 | 2): OpenFile {
  const status = fstatSync(standard);
  if (status.isFile()) return { descriptor: standard, keepFromWaiting: () => undefined };
  if (status.isFIFO() || status.isCharacterDevice()) {
    try {
      const descriptor = openSync(
        `/proc/self/fd/${standard}`,
        constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
      );
      return { descriptor, keepFromWaiting: () => undefined };
    } catch {
      // The system is not Linux, the pipe has no reader, or another user has made the pipe.
    }
  }
  const stream = (standard === 1 ? process.stdout : process.stderr) as unknown as StreamOfNode;
  return { descriptor: standard, keepFromWaiting: () => void stream[HANDLE]?.setBlocking?.(false) };
}

/** Blocks the whole process for this many milliseconds. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
