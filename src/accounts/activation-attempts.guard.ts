import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ActivationAttemptsService } from './activation-attempts.service.js';

/** Refuses an address that has used up its attempts before anything else of the request is looked at. */
@Injectable()
export class ActivationAttemptsGuard implements CanActivate {
  constructor(private readonly attempts: ActivationAttemptsService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { sip } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { sip: string } }>>().params;
    await this.attempts.refuseIfExhausted(sip);
    return true;
  }
}
