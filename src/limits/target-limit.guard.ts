import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { routeMetadata } from '../http/route-metadata.js';
import type { LimitName } from '../config/groups/limits.js';
import { LIMITED_TARGET } from './limited.decorator.js';
import { Limits } from './limits.service.js';

/** Rejects calls for a SIP address with too many failed calls, before the body of the call is parsed. */
@Injectable()
export class TargetLimitGuard implements CanActivate {
  constructor(private readonly limits: Limits) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    const limit = routeMetadata<LimitName>(LIMITED_TARGET, context);
    return (
      !limit ||
      this.let(limit, context.switchToHttp().getRequest<FastifyRequest<{ Params: { sip: string } }>>().params.sip)
    );
  }

  private async let(limit: LimitName, sip: string): Promise<true> {
    await this.limits.remaining([limit, sip]);
    return true;
  }
}
