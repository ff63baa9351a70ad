import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Account } from '../../database/entities/account.entity.js';
import { callerOf } from '../caller.js';

/** The account of the caller, on routes that require one. */
export const CurrentAccount = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Account =>
    callerOf(context.switchToHttp().getRequest<FastifyRequest>()).account,
);
