import type { FastifyRequest } from 'fastify';
import type { Account } from '../database/entities/account.entity.js';

/** How a caller has proven who he is: by a credential of the API, or by having signed in to the panel. */
export type CallerMethod = 'api-key' | 'digest' | 'panel';

/** What a caller may do beyond what every account may do with itself. */
export type Permission = 'manage-accounts';

/** Who makes a request. Credentials have been checked before one exists, so no part of it is a claim. */
export interface Caller {
  readonly account: Account;
  readonly method: CallerMethod;
  readonly permissions: ReadonlySet<Permission>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by {@link CallerGuard} on every route that is not for anybody. */
    caller?: Caller;
  }
}

const OF_ADMINISTRATORS: ReadonlySet<Permission> = new Set<Permission>(['manage-accounts']);
const NONE: ReadonlySet<Permission> = new Set();

/** The caller that an account is, once it is proven by this method. */
export function callerFor(account: Account, method: CallerMethod): Caller {
  return { account, method, permissions: account.admin ? OF_ADMINISTRATORS : NONE };
}

/**
 * The caller of a request to a route that is not for anybody.
 *
 * @throws Error on a route that is: it has no caller.
 */
export function callerOf(request: FastifyRequest): Caller {
  // Equivalent mutants `if (false)` and `nothing`: no route for anybody asks for the caller. The error is for whoever writes one.
  if (!request.caller) throw new Error('a route for anybody has no caller');
  return request.caller;
}
