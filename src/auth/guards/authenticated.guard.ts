import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { routeMetadata } from '../../http/route-metadata.js';
import { Credentials } from '../credentials.service.js';
import { PUBLIC, SIGNED_IN } from '../decorators/access.decorators.js';

/** Lets nobody pass whose account and credentials are not right, except on public routes, and on pages, where a session counts. */
@Injectable()
export class AuthenticatedGuard implements CanActivate {
  constructor(private readonly credentials: Credentials) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    const isAnothersMatter = routeMetadata<true>(PUBLIC, context) || routeMetadata<true>(SIGNED_IN, context);
    return isAnothersMatter || this.identify(context.switchToHttp().getRequest<FastifyRequest>());
  }

  private async identify(request: FastifyRequest): Promise<true> {
    request.account = await this.credentials.callerOf(request);
    return true;
  }
}
