import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accessOf } from '../decorators/access.decorator.js';
import { routeMetadata } from '../../http/route-metadata.js';
import type { LimitName } from '../../config/groups/limits.js';
import { LIMITED } from '../../limits/limited.decorator.js';
import { Limits, type Use } from '../../limits/limits.service.js';
import { sourceKey } from '../../limits/source-key.js';

/** The limit of a route and the source address to count; null for a route without such a limit. */
function useOf(context: ExecutionContext): Use | null {
  const limit = routeMetadata<LimitName>(LIMITED, context);
  return limit ? [limit, sourceKey(context.switchToHttp().getRequest<FastifyRequest>())] : null;
}

/** Runs before the guards for access, so that a rejected call costs no database statement and no hash. */
@Injectable()
export class SourceLimitGuard implements CanActivate {
  constructor(private readonly limits: Limits) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    const use = useOf(context);
    return use === null || this.let(use, accessOf(context).who === 'anybody');
  }

  private async let(use: Use, isPublic: boolean): Promise<true> {
    await (isPublic ? this.limits.spend(use) : this.limits.remaining(use));
    return true;
  }
}

/** Runs after the guards for access and counts the calls that they accept. */
@Injectable()
export class AdmittedLimitGuard implements CanActivate {
  constructor(private readonly limits: Limits) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    const use = accessOf(context).who === 'anybody' ? null : useOf(context);
    return use === null || this.count(use);
  }

  private async count(use: Use): Promise<true> {
    await this.limits.spend(use);
    return true;
  }
}
