import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Draining } from '../common/draining.js';
import { BadRequest } from './http.errors.js';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The request id of the caller if it is acceptable (protocol §1), else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Headers that may not be repeated: Node takes the first value, but a proxy in front of us may have taken the last. */
const SINGLE = ['host', 'content-type'];

/**
 * Returns all values that a request has for a header, each as sent. Node's own `headersDistinct` sorts all headers for
 * that.
 *
 * @param name in lower case.
 */
export function headerValues({ rawHeaders }: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [field = '', value = ''] = [rawHeaders[index], rawHeaders[index + 1]];
    if (field.length === name.length && field.toLowerCase() === name) values.push(value);
  }
  return values;
}

/**
 * Refuses requests that another program may interpret differently: HTTP/1.1 without Host (RFC 9112 §3.2) and repeated
 * headers. Host is checked here because Node's own refusal has no body. Node itself refuses lengths that contradict
 * each other.
 */
export function refuseAmbiguousHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw }, _reply, done) => {
    const isHostless = raw.headers.host === undefined && raw.httpVersion === '1.1';
    const isAmbiguous = SINGLE.some((name) => headerValues(raw, name).length > 1);
    done(isHostless || isAmbiguous ? new BadRequest() : undefined);
  });
}

/**
 * Ignores an `Expect` header that this service cannot meet. Node would answer it with a bare 417 (RFC 9110 §10.1.1
 * allows both).
 */
export function ignoreExpectations({ server }: FastifyInstance): void {
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
}

/**
 * Sets the headers of every answer: its request id, whether it may be cached, the exact JSON media type, and
 * `connection: close` if the process was told to stop.
 */
export function setCommonHeaders(
  fastify: FastifyInstance,
  isCacheable: (path: string) => boolean,
  draining: Draining,
): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    // A process that stops waits for its connections to end.
    if (draining.isUnderWay || !fastify.server.listening) reply.header('connection', 'close');
    if (reply.statusCode >= 400 || !isCacheable(request.url)) reply.header('cache-control', 'no-store');
    // Fastify appends a charset, but liblinphone 5.4 compares the whole string (protocol §1).
    if (String(reply.getHeader('content-type')).startsWith('application/json;'))
      reply.header('content-type', 'application/json');
    done(null, payload);
  });
}
