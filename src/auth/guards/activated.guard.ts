import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountNotActivated } from '../auth.errors.js';

/** Accepts only callers with an activated account. A route for anybody has no caller and is not checked. */
@Injectable()
export class ActivatedGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (caller && !caller.account.activated) throw new AccountNotActivated();
    return true;
  }
}
