import { currentRequest } from './request-context.js';

/**
 * A time budget that may be spent in several stretches. Of stretches that overlap, the time from the first `begin` to
 * the last `end` counts.
 */
export class TimeAllowance {
  private spent = 0;
  private since = 0;
  private uses = 0;

  /**
   * @param total in milliseconds; Infinity for work without a limit.
   * @param whole a budget that this one is part of. Time spent here counts there as well, and when that budget is used
   * up, so is this one.
   */
  constructor(
    private readonly total: number,
    private readonly whole?: TimeAllowance,
  ) {}

  /** Milliseconds left. */
  get left(): number {
    const left = this.total - this.spent - (this.uses > 0 ? performance.now() - this.since : 0);
    return this.whole ? Math.min(left, this.whole.left) : left;
  }

  begin(): void {
    if (this.uses === 0) this.since = performance.now();
    this.uses += 1;
    this.whole?.begin();
  }

  end(): void {
    this.uses -= 1;
    if (this.uses === 0) this.spent += performance.now() - this.since;
    this.whole?.end();
  }
}

/**
 * Milliseconds that a request may wait in all for the database and for external services. Each has its own limit
 * (DB_TIMEOUT, NEIGHBOUR_TIMEOUT). If one after the other uses up its limit, the sum must not exceed the 15 s in which
 * a request is answered.
 */
export const ANSWER_TIME = 14_000;

const allowances = new WeakMap<object, TimeAllowance>();

/** The time budget for the waits of the request that this code runs for; undefined if it runs for no request. */
export function answerAllowance(): TimeAllowance | undefined {
  const request = currentRequest();
  if (!request) return undefined;
  const allowance = allowances.get(request) ?? new TimeAllowance(ANSWER_TIME);
  allowances.set(request, allowance);
  return allowance;
}
