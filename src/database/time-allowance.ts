import { Carried } from '../common/carried.js';
import { currentRequest } from '../logging/request-context.js';

/** The time for which somebody may keep the database busy is over. */
export class DatabaseTimeout extends Error {
  readonly code = 'DATABASE_TIMEOUT';

  constructor() {
    super('The database did not answer within DB_TIMEOUT');
  }
}

/**
 * The time for which a request may keep the database busy, however many statements, transactions and new attempts it
 * takes. Its clock runs while a connection is waited for or held; what a neighbour takes in between does not count.
 */
export class TimeAllowance {
  private spent = 0;
  private since = 0;
  private uses = 0;

  /** @param total in milliseconds; Infinity for work that may take as long as it needs. */
  constructor(private readonly total: number) {}

  /** Milliseconds that are left. */
  get left(): number {
    return this.total - this.spent - (this.uses > 0 ? performance.now() - this.since : 0);
  }

  begin(): void {
    if (this.uses === 0) this.since = performance.now();
    this.uses += 1;
  }

  end(): void {
    this.uses -= 1;
    if (this.uses === 0) this.spent += performance.now() - this.since;
  }
}

const unlimited = new Carried<TimeAllowance>();
const allowances = new WeakMap<object, TimeAllowance>();

/** Lets work take the time it needs: a migration of a large table. */
export function withoutTimeLimit<T>(work: () => Promise<T>): Promise<T> {
  return unlimited.by(new TimeAllowance(Infinity), work);
}

/**
 * The allowance of the request this code runs for. Work that no request asked for has one for each connection it takes.
 *
 * @param seconds what everybody gets.
 */
export function currentAllowance(seconds: number): TimeAllowance {
  const request = currentRequest();
  const own = unlimited.current ?? (request && allowances.get(request));
  if (own) return own;
  const allowance = new TimeAllowance(seconds * 1000);
  if (request) allowances.set(request, allowance);
  return allowance;
}
