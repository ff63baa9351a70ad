import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Credentials } from '../credentials.service.js';
import { PUBLIC, SIGNED_IN } from '../decorators/access.decorators.js';

/** Lets nobody pass whose account and credentials are not right, except on public routes, and on pages, where a session counts. */
@Injectable()
export class AuthenticatedGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly credentials: Credentials,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const isAnothersMatter = [PUBLIC, SIGNED_IN].some((access) =>
      this.reflector.getAllAndOverride<boolean>(access, [context.getHandler(), context.getClass()]),
    );
    if (isAnothersMatter) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.account = await this.credentials.callerOf(request);
    return true;
  }
}
