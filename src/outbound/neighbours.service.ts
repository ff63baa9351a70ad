import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.service.js';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors/app-error.js';
import { answerAllowance, type TimeAllowance } from '../common/time-allowance.js';
import { NeighbourFailed } from './neighbour-failed.js';
import { GRACE, withinTime } from './within-time.js';

/** The borders at which neighbours stand, as the settings call them. */
export const BORDERS = ['push', 'mail', 'sms', 'devices'] as const;
export type Border = (typeof BORDERS)[number];

/** What became of a call: done, refused or not reached, not answered in time, or ended by a fault of ours. */
export type Outcome = 'done' | 'failed' | 'late' | 'fault';

/** The last call over a border. */
export interface LastCall {
  readonly outcome: Outcome;
  readonly at: Date;
}

/** Milliseconds by which a timer may be early, by the clock that measures. */
const EARLY = 2;

/** Milliseconds that an outbound call leaves to the request, to store what came of it. */
const LEFT_TO_STORE = 1_000;

/** Calls neighbours in bounded time, so that a slow or broken one is nobody's problem but its own. */
@Injectable()
export class Neighbours {
  private readonly logger = new Logger(Neighbours.name);
  private readonly last = new Map<Border, LastCall>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** What became of the last call over a border, if there was any since the process began. */
  lastCall(border: Border): LastCall | null {
    return this.last.get(border) ?? null;
  }

  /**
   * Waits for a neighbour, NEIGHBOUR_TIMEOUT at most, or as long as the request may still wait.
   *
   * @param border where the neighbour stands; what becomes of the call is counted there.
   * @param question gets a signal that is aborted when nobody waits any more; an adapter must heed it and free what it holds.
   * @throws NeighbourFailed, when the time is over too.
   */
  async ask<T>(border: Border, question: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const allowance = answerAllowance();
    const limit = this.timeLeft(allowance);
    const begin = performance.now();
    let outcome: Outcome = 'done';
    allowance?.begin();
    try {
      return await withinTime(limit, question);
    } catch (error) {
      outcome = outcomeOf(error, performance.now() - begin >= limit * 1000 - EARLY);
      throw error;
    } finally {
      allowance?.end();
      this.note(border, outcome, performance.now() - begin);
    }
  }

  /**
   * Tries to deliver a message. A failure is logged, never thrown: what it means is the caller's to decide.
   *
   * @param message what it is, for the log, without its secrets: `the activation code of john@example.org`.
   * @returns whether it was delivered.
   */
  async deliver(border: Border, message: string, send: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    try {
      await this.ask(border, send);
      return true;
    } catch (error) {
      this.logger.error(`Not delivered: ${message}. ${error instanceof Error ? error.message : String(error)}`);
      // What no adapter should throw is a fault of ours: the stack says where.
      if (!(error instanceof NeighbourFailed)) this.logger.error(error);
      return false;
    }
  }

  /** Seconds. */
  private timeLeft(allowance: TimeAllowance | undefined): number {
    const ofRequest = allowance ? (allowance.left - GRACE - LEFT_TO_STORE) / 1000 : Infinity;
    return Math.max(0, Math.min(this.settings.neighbourTimeout, ofRequest));
  }

  private note(border: Border, outcome: Outcome, ms: number): void {
    this.last.set(border, { outcome, at: this.clock.now() });
    this.metrics.neighbourCalls.observe({ border, adapter: this.settings[border].driver, outcome }, ms / 1000);
  }
}

/** What a question was refused by is an answer too: a device that is not there. */
function outcomeOf(error: unknown, isLate: boolean): Outcome {
  if (error instanceof AppError) return 'done';
  if (!(error instanceof NeighbourFailed)) return 'fault';
  return isLate ? 'late' : 'failed';
}
