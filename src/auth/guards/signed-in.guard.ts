import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { routeMetadata } from '../../http/route-metadata.js';
import { SignInRequired } from '../auth.errors.js';
import { actAs } from '../../common/request-context.js';
import { SIGNED_IN } from '../decorators/access.decorators.js';
import { PanelSessions } from '../sessions/panel-sessions.service.js';

/** Lets nobody pass who has not signed in, where the route is a page for those who have. */
@Injectable()
export class SignedInGuard implements CanActivate {
  constructor(private readonly sessions: PanelSessions) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    return !routeMetadata<true>(SIGNED_IN, context) || this.identify(context.switchToHttp().getRequest<FastifyRequest>());
  }

  private async identify(request: FastifyRequest): Promise<true> {
    const account = await this.sessions.accountOf(request);
    if (!account) throw new SignInRequired();
    request.account = account;
    actAs({ account, means: 'panel' });
    return true;
  }
}
