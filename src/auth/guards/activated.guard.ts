import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Account } from '../../database/entities/account.entity.js';
import { AccountBlocked, AccountNotActivated, AccountUnvalidated } from '../auth.errors.js';
import { accessOf, type BeforeActivation } from '../decorators/access.decorator.js';

/**
 * Accepts callers with an activated account, and those that the route accepts before their activation. Nobody calls with
 * a blocked account. A route for anybody has no caller and is not checked.
 */
@Injectable()
export class ActivatedGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller) return true;
    if (caller.account.blocked) throw new AccountBlocked();
    if (!caller.account.activated) refuseUnlessAccepted(caller.account, accessOf(context).beforeActivation);
    return true;
  }
}

function refuseUnlessAccepted(account: Account, accepted?: BeforeActivation): void {
  if (accepted === undefined || !account.wasNeverActivated) throw new AccountNotActivated();
  if (accepted === 'with-creation-token' && !account.hasCreationToken) throw new AccountUnvalidated();
}
