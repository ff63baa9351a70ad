import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { PUBLIC } from '../decorators/access.decorators.js';

/** Lets nobody pass whose account and credentials are not right, except on public routes. */
@Injectable()
export class AuthenticatedGuard extends AuthGuard('account-credentials') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(context: ExecutionContext) {
    return this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()]) || super.canActivate(context);
  }

  override getAuthenticateOptions() {
    return { property: 'account', session: false };
  }
}
