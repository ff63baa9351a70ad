import { ContextValue } from '../common/context-value.js';
import { answerAllowance, TimeAllowance } from '../common/time-allowance.js';
import { currentRequest } from '../common/request-context.js';

export { TimeAllowance };

/** The caller has used the database for the longest allowed time. */
export class DatabaseTimeout extends Error {
  readonly code = 'DATABASE_TIMEOUT';

  constructor() {
    super('The database did not answer within DB_TIMEOUT');
  }
}

const given = new ContextValue<TimeAllowance>();
const allowances = new WeakMap<object, TimeAllowance>();

/** Runs work without a time limit, for example the migration of a large table. */
export function withoutTimeLimit<T>(work: () => Promise<T>): Promise<T> {
  return withTimeLimit(Infinity, work);
}

/**
 * Gives work its own time limit for using the database, in seconds. Limits of the request or of surrounding work do not
 * apply.
 */
export function withTimeLimit<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  return given.by(new TimeAllowance(seconds * 1000), work);
}

/**
 * The time for which the current request may use the database, over all of its statements, transactions and retries.
 * Its clock runs while the request waits for a connection or holds one. Work without a request gets a new limit for
 * each connection.
 *
 * @param seconds the limit of a request.
 */
export function currentAllowance(seconds: number): TimeAllowance {
  const request = currentRequest();
  const own = given.current ?? (request && allowances.get(request));
  if (own) return own;
  const allowance = new TimeAllowance(seconds * 1000, answerAllowance());
  if (request) allowances.set(request, allowance);
  return allowance;
}
