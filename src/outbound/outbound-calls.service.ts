import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.service.js';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors/app-error.js';
import { answerAllowance, type TimeAllowance } from '../common/time-allowance.js';
import { OutboundCallFailed } from './outbound-call-failed.js';
import { GRACE, withinTime } from './within-time.js';

/** The kinds of external services, named as in the settings. */
export const EXTERNAL_SERVICES = ['push', 'mail', 'sms', 'devices', 'captcha'] as const;
export type ExternalService = (typeof EXTERNAL_SERVICES)[number];

/**
 * The outcome of a call: it succeeded, the service refused or was not reached, it did not answer in time, or our own
 * code failed.
 */
export type Outcome = 'done' | 'failed' | 'late' | 'fault';

/** The last call to a kind of external service. */
export interface LastCall {
  readonly outcome: Outcome;
  readonly at: Date;
}

/** Milliseconds by which a timer may fire early, compared with the clock that measures the call. */
const EARLY = 2;

/** Milliseconds that an outbound call leaves the request to store the result. */
const LEFT_TO_STORE = 1_000;

/** Calls external services within a time limit. A slow or broken service delays only the calls that need it. */
@Injectable()
export class OutboundCalls {
  private readonly logger = new Logger(OutboundCalls.name);
  private readonly last = new Map<ExternalService, LastCall>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** The outcome of the last call to a kind of service since the process started. */
  lastCall(service: ExternalService): LastCall | null {
    return this.last.get(service) ?? null;
  }

  /**
   * Calls an external service. Waits at most NEIGHBOUR_TIMEOUT, and no longer than the request may still wait.
   *
   * @param service the kind of service. The outcome of the call is counted for it.
   * @param question gets a signal that is aborted when no caller waits any more. The adapter must then stop and free
   * its resources.
   * @throws OutboundCallFailed, also when the time is over.
   */
  async ask<T>(service: ExternalService, question: (signal: AbortSignal) => Promise<T>): Promise<T> {
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
      this.note(service, outcome, performance.now() - begin);
    }
  }

  /**
   * Tries to deliver a message. A failure is logged, never thrown: the caller decides what it means.
   *
   * @param message describes the message for the log, without its secrets: `the activation code of john@example.org`.
   * @returns whether it was delivered.
   */
  async deliver(
    service: ExternalService,
    message: string,
    send: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    try {
      await this.ask(service, send);
      return true;
    } catch (error) {
      this.logger.error(`Not delivered: ${message}. ${error instanceof Error ? error.message : String(error)}`);
      // Adapters throw OutboundCallFailed only. Another error is a fault of our code, and its stack says where.
      if (!(error instanceof OutboundCallFailed)) this.logger.error(error);
      return false;
    }
  }

  /** The time left for an outbound call, in seconds. */
  private timeLeft(allowance: TimeAllowance | undefined): number {
    const ofRequest = allowance ? (allowance.left - GRACE - LEFT_TO_STORE) / 1000 : Infinity;
    return Math.max(0, Math.min(this.settings.outboundTimeout, ofRequest));
  }

  private note(service: ExternalService, outcome: Outcome, ms: number): void {
    this.last.set(service, { outcome, at: this.clock.now() });
    this.metrics.outboundCalls.observe({ border: service, adapter: this.settings[service].driver, outcome }, ms / 1000);
  }
}

/** An error that the service answers with is an answer too: the device does not exist. */
function outcomeOf(error: unknown, isLate: boolean): Outcome {
  if (error instanceof AppError) return 'done';
  if (!(error instanceof OutboundCallFailed)) return 'fault';
  return isLate ? 'late' : 'failed';
}
