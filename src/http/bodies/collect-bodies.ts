import type { FastifyInstance } from 'fastify';
import { BODY_LIMIT, BodyTooLarge } from '../http.errors.js';

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
 * other guards have admitted the caller. A multipart body is not even collected before that.
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
    const { streamedBodyLimit } = request.routeOptions.config;
    // Fastify refuses a malformed media type before the guards run. BodyGuard reads the raw header.
    if ('content-type' in request.raw.headers) delete request.raw.headers['content-type'];
    if (streamedBodyLimit !== undefined) request.raw.headers['content-type'] = UNREAD;
    const limit = streamedBodyLimit ?? BODY_LIMIT;
    done(Number(request.headers['content-length'] ?? 0) > limit ? new BodyTooLarge(limit) : undefined);
  });
}
