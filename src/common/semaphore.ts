/**
 * Limits how many callers are in at the same time. Further callers queue, first in, first out. A caller may leave the queue: when its signal
 * is aborted (`run`, `enter`), or by the function that `queue` returns, where a signal for each call would cost too much.
 */
export class Semaphore {
  private readonly size: () => number;
  private entered = 0;
  /** An array: a Set leaves a trail of worn tables behind, each of which keeps the next one and all who were in it, until a major collection. */
  private readonly line: (() => void)[] = [];

  /** @param size how many may be in. A function is asked each time somebody comes or goes. */
  constructor(size: number | (() => number)) {
    this.size = typeof size === 'number' ? () => size : size;
  }

  /** How many are in. */
  get running(): number {
    return this.entered;
  }

  /** How many are in the queue. */
  get waiting(): number {
    return this.line.length;
  }

  /**
   * Does work while the caller is in.
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
   * Waits to be in. Whoever is in must call `leave`.
   *
   * @returns false if the signal was aborted first: the caller is not in then.
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

  /** Lets the caller in at once, where there is room and nobody waits. */
  tryEnter(): boolean {
    if (this.line.length > 0 || this.entered >= this.size()) return false;
    this.entered += 1;
    return true;
  }

  /**
   * Puts the caller into the queue.
   *
   * @param whenIn called once the caller is in; at once, where there is room by now.
   * @param place `first` for a caller that was in already and had to give its room back.
   * @returns what takes the caller out of the queue; it does nothing to a caller that is in.
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

  /** Gives the room of a caller to the next one. */
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
