import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { sourceAddress } from '../common/source-address.js';
import type { Source } from './account-creation.service.js';

/** Parameter decorator: the source of the request, for the accounts that it creates. */
export const CurrentSource = createParamDecorator((_data: unknown, context: ExecutionContext): Source => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { address: sourceAddress(request), userAgent: request.headers['user-agent'] };
});
