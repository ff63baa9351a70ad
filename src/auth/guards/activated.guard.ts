import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountNotActivated } from '../auth.errors.js';

/** Lets an authenticated caller pass whose account is activated. Public routes have no caller. */
@Injectable()
export class ActivatedGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { account } = context.switchToHttp().getRequest<FastifyRequest>();
    if (account && !account.activated) throw new AccountNotActivated();
    return true;
  }
}
