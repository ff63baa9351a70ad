import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Account } from '../../database/entities/account.entity.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The authenticated caller; set by the authentication guard on every route that is not public. */
    account?: Account;
  }
}

/** The account that calls. Not on public routes. */
export const CurrentAccount = createParamDecorator((_data: unknown, context: ExecutionContext): Account => {
  const { account } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!account) throw new Error('a public route has no current account');
  return account;
});
