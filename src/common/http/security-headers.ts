import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

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
export async function sendSecurityHeaders(fastify: FastifyInstance, publicUrl: string, isDocs: (target: string) => boolean): Promise<void> {
  const { origin, protocol } = new URL(publicUrl);
  const policy = (directives: Record<string, string[]>): FastifyHelmetOptions => ({
    contentSecurityPolicy: { useDefaults: false, directives },
    strictTransportSecurity: protocol === 'https:' ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // Browsers heed it over https alone, and complain of it elsewhere.
    crossOriginOpenerPolicy: protocol === 'https:',
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
  });
  const usual = policy(NOTHING);
  const docs = policy({ ...SWAGGER_UI, connectSrc: ["'self'", origin] });
  await fastify.register(helmet, { global: false });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.helmet(isDocs(request.url) ? docs : usual);
    done();
  });
}
