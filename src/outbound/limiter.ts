import { Semaphore } from '../common/semaphore.js';
import { OutboundCallFailed } from './outbound-call-failed.js';

/** Limits how many calls to one external service run at the same time. Further calls queue, first in, first out. */
export class Limiter {
  private readonly calls: Semaphore;

  /** @param service the name of the service in the log, if a call never gets its turn. */
  constructor(
    most: number,
    private readonly service: string,
  ) {
    this.calls = new Semaphore(most);
  }

  /**
   * Runs a call as soon as the limit allows it.
   *
   * @param signal removes a waiting call from the queue. A running call must react to the signal itself.
   * @throws OutboundCallFailed if the call still waits when the signal is aborted, and whatever the work throws.
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (!(await this.calls.enter(signal))) throw new OutboundCallFailed(this.service, 'was busy all the time');
    try {
      return await work();
    } finally {
      this.calls.leave();
    }
  }
}
