import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AdminRequired } from '../auth.errors.js';
import { ADMIN_ONLY } from '../decorators/access.decorators.js';

/** Lets only administrators pass where the route asks for one. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const adminOnly = this.reflector.getAllAndOverride<boolean>(ADMIN_ONLY, [context.getHandler(), context.getClass()]);
    const { account } = context.switchToHttp().getRequest<FastifyRequest>();
    if (adminOnly && !account?.admin) throw new AdminRequired();
    return true;
  }
}
