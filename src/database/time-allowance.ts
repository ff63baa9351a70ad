import { ContextValue } from '../common/context-value.js';
import { answerAllowance, TimeAllowance } from '../common/time-allowance.js';
import { currentRequest } from '../common/request-context.js';

export { TimeAllowance };

/** The time for which somebody may keep the database busy is over. */
export class DatabaseTimeout extends Error {
  readonly code = 'DATABASE_TIMEOUT';

  constructor() {
    super('The database did not answer within DB_TIMEOUT');
  }
}

const given = new ContextValue<TimeAllowance>();
const allowances = new WeakMap<object, TimeAllowance>();

/** Lets work take the time it needs: a migration of a large table. */
export function withoutTimeLimit<T>(work: () => Promise<T>): Promise<T> {
  return withTimeLimit(Infinity, work);
}

/** Gives work a time of its own to keep the database busy, in seconds, whatever the request or the work around it has. */
export function withTimeLimit<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  return given.by(new TimeAllowance(seconds * 1000), work);
}

/**
 * The time for which the request this code runs for may keep the database busy, however many statements, transactions and new attempts
 * it takes. Its clock runs while a connection is waited for or held. Work that no request asked for has one for each connection it takes.
 *
 * @param seconds what everybody gets.
 */
export function currentAllowance(seconds: number): TimeAllowance {
  const request = currentRequest();
  const own = given.current ?? (request && allowances.get(request));
  if (own) return own;
  const allowance = new TimeAllowance(seconds * 1000, answerAllowance());
  if (request) allowances.set(request, allowance);
  return allowance;
}
