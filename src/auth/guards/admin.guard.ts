import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AdminRequired } from '../auth.errors.js';
import { callerOf } from '../caller.js';
import { accessOf } from '../decorators/access.decorator.js';

/** On routes for administrators, accepts only callers that may manage accounts. */
@Injectable()
export class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (accessOf(context).who !== 'admin') return true;
    const { permissions } = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
    if (!permissions.has('manage-accounts')) throw new AdminRequired();
    return true;
  }
}
