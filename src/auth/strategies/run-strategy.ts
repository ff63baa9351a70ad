import type { FastifyRequest } from 'fastify';
import type Strategy from 'passport-custom';
import { AuthenticationRequired } from '../auth.errors.js';
import type { Caller } from '../caller.js';

/** A strategy for the time of one request, with the functions by which it reports its result. */
interface Attempt {
  success(this: void, caller: Caller): void;
  fail(this: void): void;
  error(this: void, error: Error): void;
  authenticate(request: FastifyRequest): void;
}

/**
 * Runs a Passport strategy for a request. `redirect` and `pass` are not supported: no strategy of an API calls them.
 *
 * @returns the caller that the strategy found.
 * @throws whatever the strategy reports as an error, or AuthenticationRequired if it reports a failure.
 */
export function runStrategy(strategy: Strategy, request: FastifyRequest): Promise<Caller> {
  return new Promise((resolve, reject) => {
    const attempt = Object.create(strategy) as Attempt;
    const fail = () => reject(new AuthenticationRequired());
    // V8 puts a function literal that is assigned to a property into the old generation. Such a function would keep
    // the whole request in memory until a major garbage collection, so only variables are assigned here. The
    // middleware of Passport assigns five literals for each request (docs/decisions/0012).
    attempt.success = resolve;
    attempt.fail = fail;
    attempt.error = reject;
    attempt.authenticate(request);
  });
}
