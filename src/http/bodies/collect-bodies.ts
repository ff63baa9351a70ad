import type { FastifyInstance } from 'fastify';
import { BodyTooLarge } from '../http.errors.js';
import { BODY_LIMIT } from './body-rules.js';

/** Tells Fastify to leave a body unread. Callers never send it here: what they do send is read from the original headers. */
const UNREAD = 'application/x-unread';

/**
 * Makes Fastify read bodies without looking at them.
 *
 * Fastify parses before a handler runs, and Nest's guards are part of the handler: a stranger would learn from a 400 or 415 what a
 * route reads. So the bytes are only collected here, and BodyGuard parses them once the other guards have let the caller in. A
 * body of a route that allows more than {@link BODY_LIMIT} is not even collected before that.
 */
export function collectBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => done(null, body));
  fastify.addContentTypeParser(UNREAD, (_request, payload, done) => done(null, payload));
  fastify.addHook('onRoute', (route) => {
    if (route.config?.streamedBodyLimit !== undefined) route.bodyLimit = route.config.streamedBodyLimit;
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { bodyLimit, config } = request.routeOptions;
    // Fastify refuses a malformed media type by itself, before the guards; `mediaTypeOf` reads the original.
    if ('content-type' in request.raw.headers) delete request.raw.headers['content-type'];
    if (config.streamedBodyLimit !== undefined) request.raw.headers['content-type'] = UNREAD;
    const limit = config.streamedBodyLimit === undefined ? BODY_LIMIT : bodyLimit;
    done(Number(request.headers['content-length'] ?? 0) > limit ? new BodyTooLarge(limit) : undefined);
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    // Node would go on reading a body that nobody wants.
    const isUnread = request.routeOptions.config.streamedBodyLimit !== undefined && !request.raw.readableEnded;
    if (isUnread) reply.header('connection', 'close');
    done(null, payload);
  });
}
