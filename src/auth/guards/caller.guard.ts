import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Passport } from 'passport';
import { type Access, accessOf } from '../decorators/access.decorator.js';
import { CredentialsStrategy } from '../strategies/credentials.strategy.js';
import { PanelSessionStrategy } from '../strategies/panel-session.strategy.js';

/** A Passport middleware. It sets the caller on the request. */
type Authenticate = (request: FastifyRequest, reply: FastifyReply, next: (error?: unknown) => void) => void;

/**
 * Sets the caller of a request, with the strategy of its route. No other code sets it. A route for anybody has no
 * caller.
 *
 * Each application has its own Passport. The shared instance registers strategies by name for the whole process, so a
 * second application would replace those of the first (docs/decisions/0012).
 */
@Injectable()
export class CallerGuard implements CanActivate {
  private readonly strategies: Readonly<Record<Access['by'], Authenticate>>;

  constructor(credentials: CredentialsStrategy, panelSession: PanelSessionStrategy) {
    const passport = new Passport();
    const options = { assignProperty: 'caller', authInfo: false, session: false };
    passport.use('credentials', credentials).use('panel-session', panelSession);
    this.strategies = {
      credentials: passport.authenticate('credentials', options) as Authenticate,
      'panel-session': passport.authenticate('panel-session', options) as Authenticate,
    };
  }

  canActivate(context: ExecutionContext): true | Promise<true> {
    const { who, by } = accessOf(context);
    if (who === 'anybody') return true;
    const http = context.switchToHttp();
    return new Promise((resolve, reject) => {
      this.strategies[by](http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), (error) =>
        error === undefined ? resolve(true) : reject(error as Error),
      );
    });
  }
}
