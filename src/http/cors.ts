import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Headers of ours that a script may read besides those that every script may. */
const READABLE = ['WWW-Authenticate', 'X-Request-Id', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'Retry-After'];
/** Headers that a script must ask for. */
const SENDABLE = ['From', 'X-Api-Key', 'Authorization', 'Content-Type', 'Accept-Language', 'X-Request-Id'];

/** Seconds for which a browser need not ask again. */
const MEMORY = 600;

/**
 * Lets scripts of some other origins read our answers (CORS). Without any, no browser lets a foreign page read them, and
 * OPTIONS is a method like any that a route does not have.
 *
 * @param origins whose scripts; each as browsers send it: `https://admin.example.org`.
 */
export async function allowOrigins(fastify: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  const allowed: FastifyCorsOptions = {
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: SENDABLE,
    exposedHeaders: READABLE,
    maxAge: MEMORY,
  };
  await fastify.register(cors, {
    delegator: (request: FastifyRequest, callback: (error: Error | null, options?: FastifyCorsOptions) => void) => {
      callback(null, origins.includes(request.headers.origin ?? '') && !isPlainOptions(request) ? allowed : { origin: false });
    },
  });
}

/** OPTIONS that no browser sends before a call of a script. */
function isPlainOptions({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] === undefined;
}
