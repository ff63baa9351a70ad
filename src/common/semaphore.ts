/**
 * Limits how many callers hold a slot at the same time. Further callers queue, first in, first out. A caller may leave
 * the queue: when its signal is aborted (`enter`), or by the function that `queue` returns, where a signal for each
 * call would cost too much.
 */
export class Semaphore {
  private readonly size: () => number;
  private entered = 0;
  /**
   * An array, because a Set keeps its old internal tables, and with them callers that have left, until a major garbage
   * collection.
   */
  private readonly line: (() => void)[] = [];

  /** @param size the number of slots. A function is called each time a caller enters or leaves. */
  constructor(size: number | (() => number)) {
    this.size = typeof size === 'number' ? () => size : size;
  }

  /** The number of callers that hold a slot. */
  get running(): number {
    return this.entered;
  }

  /** The number of callers in the queue. */
  get waiting(): number {
    return this.line.length;
  }

  /**
   * Runs the work while the caller holds a slot.
   *
   * @throws whatever the work throws.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /**
   * Waits for a slot. A caller that holds a slot must call `leave`.
   *
   * @returns false if the signal is aborted first: the caller then holds no slot.
   */
  enter(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    if (this.tryEnter()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const giveUp = () => {
        leaveQueue();
        resolve(false);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      const leaveQueue = this.queue(() => {
        signal?.removeEventListener('abort', giveUp);
        resolve(true);
      });
    });
  }

  /** Takes a slot at once, if one is free and the queue is empty. */
  tryEnter(): boolean {
    if (this.line.length > 0 || this.entered >= this.size()) return false;
    this.entered += 1;
    return true;
  }

  /**
   * Puts the caller into the queue.
   *
   * @param whenIn called once the caller holds a slot; at once, if one is free.
   * @param place `first` for a caller that held a slot already and had to give it back.
   * @returns a function that removes the caller from the queue. It does nothing if the caller already holds a slot.
   */
  queue(whenIn: () => void, place: 'first' | 'last' = 'last'): () => void {
    if (place === 'first') this.line.unshift(whenIn);
    else this.line.push(whenIn);
    this.letIn();
    return () => {
      const index = this.line.indexOf(whenIn);
      if (index >= 0) this.line.splice(index, 1);
    };
  }

  /** Frees the slot of a caller for the next one. */
  leave(): void {
    this.entered -= 1;
    this.letIn();
  }

  private letIn(): void {
    while (this.line.length > 0 && this.entered < this.size()) {
      this.entered += 1;
      this.line.shift()?.();
    }
  }
}
