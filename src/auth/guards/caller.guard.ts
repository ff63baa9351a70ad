import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type Strategy from 'passport-custom';
import { actAs } from '../../common/request-context.js';
import { type Access, accessOf } from '../decorators/access.decorator.js';
import { CredentialsStrategy } from '../strategies/credentials.strategy.js';
import { PanelSessionStrategy } from '../strategies/panel-session.strategy.js';
import { runStrategy } from '../strategies/run-strategy.js';

/**
 * Sets the caller of a request, with the strategy of its route, and makes it the actor of the request. No other code
 * sets it. A route for anybody has no caller.
 */
@Injectable()
export class CallerGuard implements CanActivate {
  private readonly strategies: Readonly<Record<Access['by'], Strategy>>;

  constructor(credentials: CredentialsStrategy, panelSession: PanelSessionStrategy) {
    this.strategies = { credentials, 'panel-session': panelSession };
  }

  canActivate(context: ExecutionContext): true | Promise<true> {
    const { who, by } = accessOf(context);
    return who === 'anybody' || this.authenticate(context.switchToHttp().getRequest<FastifyRequest>(), by);
  }

  private async authenticate(request: FastifyRequest, by: Access['by']): Promise<true> {
    request.caller = await runStrategy(this.strategies[by], request);
    actAs(request.caller);
    return true;
  }
}
