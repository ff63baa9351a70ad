import { NeighbourFailed } from './neighbour-failed.js';

/** Lets so many works with a neighbour run at once; the others wait their turn, first come, first served. */
export class Limiter {
  private running = 0;
  private readonly waiting = new Set<() => void>();

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
      const leave = () => {
        this.waiting.delete(enter);
        reject(new NeighbourFailed(this.neighbour, 'was busy all the time'));
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.add(enter);
      this.admitNext();
    });
  }

  private admitNext(): void {
    const [next] = this.waiting;
    if (!next || this.running >= this.most) return;
    this.waiting.delete(next);
    next();
  }
}
