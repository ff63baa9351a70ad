import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { routeMetadata } from '../../http/route-metadata.js';
import { AdminRequired } from '../auth.errors.js';
import { ADMIN_ONLY } from '../decorators/access.decorators.js';

/** Lets only administrators pass where the route asks for one. */
@Injectable()
export class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const adminOnly = routeMetadata<true>(ADMIN_ONLY, context);
    const { account } = context.switchToHttp().getRequest<FastifyRequest>();
    if (adminOnly && !account?.admin) throw new AdminRequired();
    return true;
  }
}
