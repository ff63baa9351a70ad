import type { FastifyRequest } from 'fastify';
import type { AuthMethod } from '../common/request-context.js';
import type { Account } from '../database/entities/account.entity.js';

/** How a caller was authenticated: by an API key, by Digest, or by a session of the panel. */
export type CallerMethod = Extract<AuthMethod, 'api-key' | 'digest' | 'panel'>;

/** A right beyond those that every account has over itself. */
export type Permission = 'manage-accounts';

/**
 * The authenticated caller of a request. It is created only after the credentials are checked, so all members are
 * verified.
 */
export interface Caller {
  readonly account: Account;
  readonly method: CallerMethod;
  readonly permissions: ReadonlySet<Permission>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by {@link CallerGuard} on every route that requires a caller. */
    caller?: Caller;
  }
}

const OF_ADMINISTRATORS: ReadonlySet<Permission> = new Set<Permission>(['manage-accounts']);
const NONE: ReadonlySet<Permission> = new Set();

/** Creates the caller for an account that was authenticated with this method. */
export function callerFor(account: Account, method: CallerMethod): Caller {
  return { account, method, permissions: account.admin ? OF_ADMINISTRATORS : NONE };
}

/**
 * Returns the caller of a request, on a route that requires one.
 *
 * @throws Error on a route for anybody, which has no caller.
 */
export function callerOf(request: FastifyRequest): Caller {
  // Equivalent mutants `if (false)` and `nothing`: no route for anybody asks for the caller. The error is for a
  // developer who adds such a route.
  if (!request.caller) throw new Error('a route for anybody has no caller');
  return request.caller;
}
