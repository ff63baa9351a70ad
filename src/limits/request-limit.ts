import type { FastifyInstance } from 'fastify';
import { Limits } from './limits.service.js';
import { sourceKey } from './source-key.js';

/**
 * Limits the requests of a source address, before anything else of them is looked at, and says in `X-RateLimit-Limit` and
 * `X-RateLimit-Remaining` how many are left (protocol §8).
 *
 * @param isExempt for paths that a machine of our own asks for, often and again.
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
