import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';

/** What pages may do. What is no page may do nothing at all. */
const NOTHING = { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] };

/** Swagger UI has its scripts beside it, writes styles into its elements, and calls what it documents. */
const SWAGGER_UI = {
  ...NOTHING,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
};

/**
 * Tells browsers what they must not do with our answers; a page of its own kind may say more by itself.
 *
 * @param publicUrl where browsers reach us; only https can be insisted on.
 * @param isDocs whether a target is Swagger UI's.
 */
export function sendSecurityHeaders(fastify: FastifyInstance, publicUrl: string, isDocs: (target: string) => boolean): void {
  const { origin, protocol } = new URL(publicUrl);
  const policy = (directives: Record<string, string[]>) =>
    headersOf({
      contentSecurityPolicy: { useDefaults: false, directives },
      strictTransportSecurity: protocol === 'https:' ? { maxAge: 31_536_000, includeSubDomains: false } : false,
      // Browsers heed it over https alone, and complain of it elsewhere.
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

/** What helmet would set on every answer. Asked once: nothing of it depends on the request, and each time costs 10 us. */
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
