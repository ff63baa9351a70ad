import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { PUBLIC } from '../auth/decorators/access.decorators.js';
import type { LimitName } from '../config/limit-variables.js';
import { LIMITED } from './limited.decorator.js';
import { Limits, type Use } from './limits.service.js';
import { sourceKey } from './source-key.js';

/** What a route limits by source address, and whether it is public. */
function limitOf(reflector: Reflector, context: ExecutionContext): { use: Use | null; isPublic: boolean } {
  const targets = [context.getHandler(), context.getClass()];
  const limit = reflector.getAllAndOverride<LimitName | undefined>(LIMITED, targets);
  const isPublic = reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) === true;
  return { use: limit ? [limit, sourceKey(context.switchToHttp().getRequest<FastifyRequest>())] : null, isPublic };
}

/** Stands before all other guards: whoever has nothing left costs neither a look into the database nor a hash. */
@Injectable()
export class SourceLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: Limits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { use, isPublic } = limitOf(this.reflector, context);
    if (use && isPublic) await this.limits.spend(use);
    if (use && !isPublic) await this.limits.left(use);
    return true;
  }
}

/** Stands behind all other guards: counts the calls that they let in. */
@Injectable()
export class AdmittedLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: Limits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { use, isPublic } = limitOf(this.reflector, context);
    if (use && !isPublic) await this.limits.spend(use);
    return true;
  }
}
