import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Passport } from 'passport';
import { type Access, accessOf } from '../decorators/access.decorator.js';
import { CredentialsStrategy } from '../strategies/credentials.strategy.js';
import { PanelSessionStrategy } from '../strategies/panel-session.strategy.js';

/** A middleware of Passport, which leaves the caller at the request. */
type Authenticate = (request: FastifyRequest, reply: FastifyReply, next: (error?: unknown) => void) => void;

/**
 * Gives a request its caller, by the strategy that its route asks for. Nobody else does. A route for anybody gets none.
 *
 * Each application has a Passport of its own: the shared one knows strategies by name for the whole process, so that a second
 * application would answer for the first (docs/decisions/0012).
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
