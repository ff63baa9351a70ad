import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's request id where it is acceptable (contract §1), else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Sets what every answer carries: its request id, whether it may be cached, and the exact JSON media type. */
export function setCommonHeaders(fastify: FastifyInstance, isCacheable: (path: string) => boolean): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    if (!isCacheable(request.url)) reply.header('cache-control', 'no-store');
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    // Fastify appends a charset, and liblinphone 5.4 compares the whole string (contract §1).
    if (String(reply.getHeader('content-type')).startsWith('application/json;')) reply.header('content-type', 'application/json');
    done(null, payload);
  });
}
