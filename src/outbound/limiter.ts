import { OutboundCallFailed } from './outbound-call-failed.js';

/** Limits how many calls to one external service run at the same time. Further calls queue, first in, first out. */
export class Limiter {
  private running = 0;
  /** An array, as in `bounded-pool.ts`: a Set that many enter and leave keeps all of them for long. */
  private readonly waiting: (() => void)[] = [];

  /** @param service its name in the log, where a call waits in vain. */
  constructor(
    private readonly most: number,
    private readonly service: string,
  ) {}

  /**
   * Runs a call as soon as the limit allows it.
   *
   * @param signal removes a call that still waits from the queue. A running call must react to it itself.
   * @throws OutboundCallFailed if the call still waits when the signal is aborted, and whatever the work throws.
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
      const refuse = () => reject(new OutboundCallFailed(this.service, 'was busy all the time'));
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
