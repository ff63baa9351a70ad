import { currentRequest } from './request-context.js';

/** A time that may be spent in several stretches. Its clock runs from the first `begin` to the last `end` of those that overlap. */
export class TimeAllowance {
  private spent = 0;
  private since = 0;
  private uses = 0;

  /**
   * @param total in milliseconds; Infinity for work that may take as long as it needs.
   * @param whole an allowance that this one is a part of: what is spent here is spent there, and what is over there is over here.
   */
  constructor(
    private readonly total: number,
    private readonly whole?: TimeAllowance,
  ) {}

  /** Milliseconds that are left. */
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
 * Milliseconds for which a request may wait in all, for the database and for external services. Each has its own limit (DB_TIMEOUT,
 * NEIGHBOUR_TIMEOUT); where one after the other uses up its limit, the sum must not exceed the 15 s in which a request is answered.
 */
export const ANSWER_TIME = 14_000;

const allowances = new WeakMap<object, TimeAllowance>();

/** The time for which the request this code runs for may wait in all; undefined for work that no request asked for. */
export function answerAllowance(): TimeAllowance | undefined {
  const request = currentRequest();
  if (!request) return undefined;
  const allowance = allowances.get(request) ?? new TimeAllowance(ANSWER_TIME);
  allowances.set(request, allowance);
  return allowance;
}
