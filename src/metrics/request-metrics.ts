import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.service.js';

/** Methods with a label value of their own. Scanners send dozens of others, which count as `other`. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts and times every request. The `route` label is the pattern of the route, whatever the path is. */
export function measureRequests(fastify: FastifyInstance, metrics: Metrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const method = METHODS.has(request.method) ? request.method : 'other';
    const route = request.routeOptions.url ?? 'unknown';
    metrics.requests.inc({ method, route, status: reply.statusCode });
    metrics.requestTimes.observe({ method, route }, reply.elapsedTime / 1000);
    done();
  });
}
