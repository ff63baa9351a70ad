import type { FastifyInstance } from 'fastify';
import { BodyTooLarge } from '../http.errors.js';
import { BODY_LIMIT } from './body-rules.js';

/**
 * Tells Fastify to leave a body unread. Callers cannot set it: the media type that they send is read from the raw
 * headers.
 */
const UNREAD = 'application/x-unread';

/**
 * Makes Fastify read bodies without parsing them.
 *
 * Fastify parses before a handler runs, and Nest's guards are part of the handler. A caller without credentials would
 * learn from a 400 or 415 what a route reads. So this only collects the bytes, and BodyGuard parses them after the
 * other guards have admitted the caller. A route that allows more than {@link BODY_LIMIT} does not even collect its
 * body before that.
 */
export function collectBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
    done(null, body),
  );
  fastify.addContentTypeParser(UNREAD, (_request, _payload, done) => done(null));
  fastify.addHook('onRoute', (route) => {
    if (route.config?.streamedBodyLimit !== undefined) route.bodyLimit = route.config.streamedBodyLimit;
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { bodyLimit, config } = request.routeOptions;
    // Fastify refuses a malformed media type before the guards run. `mediaTypeOf` reads the raw header.
    if ('content-type' in request.raw.headers) delete request.raw.headers['content-type'];
    if (config.streamedBodyLimit !== undefined) request.raw.headers['content-type'] = UNREAD;
    const limit = config.streamedBodyLimit === undefined ? BODY_LIMIT : bodyLimit;
    done(Number(request.headers['content-length'] ?? 0) > limit ? new BodyTooLarge(limit) : undefined);
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    // Node would continue to read a body that no code uses.
    const isUnread = request.routeOptions.config.streamedBodyLimit !== undefined && !request.raw.readableEnded;
    if (isUnread) reply.header('connection', 'close');
    done(null, payload);
  });
}
