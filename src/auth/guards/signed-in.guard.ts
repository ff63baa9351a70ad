import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { SignInRequired } from '../auth.errors.js';
import { actAs } from '../../logging/request-context.js';
import { SIGNED_IN } from '../decorators/access.decorators.js';
import { PanelSessions } from '../sessions/panel-sessions.service.js';

/** Lets nobody pass who has not signed in, where the route is a page for those who have. */
@Injectable()
export class SignedInGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: PanelSessions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!this.reflector.getAllAndOverride<boolean>(SIGNED_IN, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const account = await this.sessions.accountOf(request);
    if (!account) throw new SignInRequired();
    request.account = account;
    actAs({ account, means: 'panel' });
    return true;
  }
}
