import { NeighbourFailed } from './neighbour-failed.js';

/** Lets so many works with a neighbour run at once; the others wait their turn, first come, first served. */
export class Limiter {
  private running = 0;
  /** An array, as in `bounded-pool.ts`: a Set that many enter and leave keeps all of them for long. */
  private readonly waiting: (() => void)[] = [];

  /** @param neighbour who is busy when a turn does not come, for the log. */
  constructor(
    private readonly most: number,
    private readonly neighbour: string,
  ) {}

  /**
   * Runs the work when it is its turn.
   *
   * @param signal takes a work that still waits out of the line; one that runs must heed it by itself.
   * @throws NeighbourFailed if the turn did not come in time, and whatever the work throws.
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.turn(signal);
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.admitNext();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        this.running += 1;
        resolve();
      };
      const refuse = () => reject(new NeighbourFailed(this.neighbour, 'was busy all the time'));
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        refuse();
      };
      if (signal.aborted) return refuse();
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(enter);
      this.admitNext();
    });
  }

  private admitNext(): void {
    if (this.running < this.most) this.waiting.shift()?.();
  }
}
