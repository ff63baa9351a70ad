import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.service.js';

/** Methods that somebody has a reason to use here; strangers try dozens more. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts and times every request. A route is its pattern, whatever the path was. */
export function measureRequests(fastify: FastifyInstance, metrics: Metrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const method = METHODS.has(request.method) ? request.method : 'other';
    const route = request.routeOptions.url ?? 'unknown';
    metrics.requests.inc({ method, route, status: reply.statusCode });
    metrics.requestTimes.observe({ method, route }, reply.elapsedTime / 1000);
    done();
  });
}
