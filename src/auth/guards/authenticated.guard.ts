import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { PUBLIC, SIGNED_IN } from '../decorators/access.decorators.js';

/** Lets nobody pass whose account and credentials are not right, except on public routes, and on pages, where a session counts. */
@Injectable()
export class AuthenticatedGuard extends AuthGuard('account-credentials') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(context: ExecutionContext) {
    const isAnothersMatter = [PUBLIC, SIGNED_IN].some((access) =>
      this.reflector.getAllAndOverride<boolean>(access, [context.getHandler(), context.getClass()]),
    );
    return isAnothersMatter || super.canActivate(context);
  }

  override getAuthenticateOptions() {
    return { property: 'account', session: false };
  }
}
