import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';

/** Content security policy of answers that are not pages: it allows nothing. */
const NOTHING = { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] };

/** Swagger UI loads scripts from its own path, sets styles on its elements, and calls the documented routes. */
const SWAGGER_UI = {
  ...NOTHING,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
};

/**
 * Tells browsers what they must not do with our answers. A page may set its own policy.
 *
 * @param publicUrl base URL of the service. Browsers must use https from then on only if this is https.
 * @param isDocs whether a target belongs to Swagger UI.
 */
export function sendSecurityHeaders(
  fastify: FastifyInstance,
  publicUrl: string,
  isDocs: (target: string) => boolean,
): void {
  const { origin, protocol } = new URL(publicUrl);
  const policy = (directives: Record<string, string[]>) =>
    headersOf({
      contentSecurityPolicy: { useDefaults: false, directives },
      strictTransportSecurity: protocol === 'https:' ? { maxAge: 31_536_000, includeSubDomains: false } : false,
      // Browsers apply this header over https only, and report an error elsewhere.
      crossOriginOpenerPolicy: protocol === 'https:',
      referrerPolicy: { policy: 'no-referrer' },
      frameguard: { action: 'deny' },
    });
  const usual = policy(NOTHING);
  const docs = policy({ ...SWAGGER_UI, connectSrc: ["'self'", origin] });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(isDocs(request.url) ? docs : usual);
    done();
  });
}

/**
 * The headers that helmet sets on every answer. They do not depend on the request and are computed once: each time
 * costs 10 us.
 */
function headersOf(options: HelmetOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  const answer = {
    setHeader: (name: string, value: string) => (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, answer as unknown as ServerResponse, (error?: unknown) => {
    if (error) throw error;
  });
  return headers;
}
