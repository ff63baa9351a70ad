import type { FastifyInstance } from 'fastify';
import { Limits } from './limits.service.js';
import { sourceKey } from './source-key.js';

/**
 * Limits the requests of a source address before the service looks at anything else. `X-RateLimit-Limit` and
 * `X-RateLimit-Remaining` report the limit and how many requests remain (protocol §8).
 *
 * @param isExempt for paths that monitoring requests often.
 */
export function limitRequests(fastify: FastifyInstance, limits: Limits, isExempt: (target: string) => boolean): void {
  const most = limits.mostOf('requests');
  if (most === 0) return;
  fastify.addHook('onRequest', async (request, reply) => {
    if (isExempt(request.url)) return;
    reply.header('x-ratelimit-limit', most).header('x-ratelimit-remaining', 0);
    reply.header('x-ratelimit-remaining', await limits.spend(['requests', sourceKey(request)]));
  });
}
