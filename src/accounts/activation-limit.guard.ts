import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Limits } from '../limits/limits.service.js';

/** Refuses a SIP address whose activations have failed too often, before anything else of the request is looked at. */
@Injectable()
export class ActivationLimitGuard implements CanActivate {
  constructor(private readonly limits: Limits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { sip } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { sip: string } }>>().params;
    await this.limits.left(['failedActivations', sip]);
    return true;
  }
}
