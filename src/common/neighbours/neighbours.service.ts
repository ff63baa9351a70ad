import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { NeighbourFailed } from './neighbour-failed.js';

/** Milliseconds for which an adapter may take to end what it was doing. */
const GRACE = 1_000;

/** Calls neighbours in bounded time, so that a slow or broken one is nobody's problem but its own. */
@Injectable()
export class Neighbours {
  private readonly logger = new Logger(Neighbours.name);

  constructor(private readonly settings: Settings) {}

  /**
   * Waits for a neighbour, NEIGHBOUR_TIMEOUT at most.
   *
   * @param question gets a signal that is aborted when nobody waits any more; an adapter must heed it and free what it holds.
   * @throws NeighbourFailed, when the time is over too.
   */
  async ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const attempt = new AbortController();
    const limit = this.settings.neighbourTimeout;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const failure = new NeighbourFailed('a neighbour', `no answer within ${limit} s`);
        attempt.abort(failure);
        // The adapter knows whom it waits for, and has things to end: what it says then is heard before these general words.
        timer = setTimeout(() => reject(failure), GRACE);
      }, limit * 1000);
    });
    try {
      return await Promise.race([question(attempt.signal), late]);
    } finally {
      clearTimeout(timer);
      attempt.abort();
    }
  }

  /**
   * Tries to deliver a message. A failure is logged, never thrown: what it means is the caller's to decide.
   *
   * @param message what it is, for the log, without its secrets: `the activation code of john@example.org`.
   * @returns whether it was delivered.
   */
  async deliver(message: string, send: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    try {
      await this.ask(send);
      return true;
    } catch (error) {
      this.logger.error(`Not delivered: ${message}. ${error instanceof Error ? error.message : String(error)}`);
      // What no adapter should throw is a fault of ours: the stack says where.
      if (!(error instanceof NeighbourFailed)) this.logger.error(error);
      return false;
    }
  }
}
