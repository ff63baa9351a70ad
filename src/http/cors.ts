import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Response headers that a script may read, besides those that every script may read. */
const EXPOSED_HEADERS = [
  'WWW-Authenticate',
  'ETag',
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'Retry-After',
];
/** Request headers that a script may send after a preflight request. */
const ALLOWED_HEADERS = [
  'From',
  'X-Api-Key',
  'Authorization',
  'Content-Type',
  'If-Match',
  'Accept-Language',
  'X-Request-Id',
];

/** Seconds that a browser may reuse the answer to a preflight request. */
const PREFLIGHT_MAX_AGE = 600;

/**
 * Lets scripts of other origins read our answers (CORS). Without allowed origins, no browser lets a foreign page read
 * them, and OPTIONS is answered like any method that a route does not have.
 *
 * @param origins the allowed origins, each as browsers send it: `https://admin.example.org`.
 */
export async function allowOrigins(fastify: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  const allowed: FastifyCorsOptions = {
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ALLOWED_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_MAX_AGE,
  };
  await fastify.register(cors, {
    delegator: (request: FastifyRequest, callback: (error: Error | null, options?: FastifyCorsOptions) => void) => {
      callback(
        null,
        origins.includes(request.headers.origin ?? '') && !isPlainOptions(request) ? allowed : { origin: false },
      );
    },
  });
}

/** Whether the request is OPTIONS, but not a preflight request of a browser. */
function isPlainOptions({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] === undefined;
}
