import type { IncomingMessage } from 'node:http';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { sendChallenges } from '../auth/digest.service.js';
import { PanelSessionStore } from '../auth/sessions/panel-session-store.js';
import { servePanelSessions } from '../auth/sessions/session-cookies.js';
import { sendError, refusalOf } from '../http/errors/error.filter.js';
import { Draining } from '../common/draining.js';
import { trackAnswers } from '../http/answers-under-way.js';
import { answerClientError, refuseTunnels } from '../http/client-errors.js';
import { allowOrigins } from '../http/cors.js';
import { ignoreExpectations, refuseAmbiguousHeaders, requestId, setCommonHeaders } from '../http/headers.js';
import { collectBodies } from '../http/bodies/collect-bodies.js';
import { collectRoutes, completeMethods, type RouteTable } from '../http/methods.js';
import { isPageTarget } from '../http/page-targets.js';
import { parseRequestTarget } from '../http/request-target.js';
import { sendSecurityHeaders } from '../http/security-headers.js';
import { readAsUtf8 } from '../common/utf8.js';
import type { Settings } from '../config/settings.js';
import { Limits } from '../limits/limits.service.js';
import { limitRequests } from '../limits/request-limit.js';
import { logRequests } from '../logging/logger.js';
import { trackRequests } from '../common/request-context.js';
import { Metrics } from '../metrics/metrics.service.js';
import { measureRequests } from '../metrics/request-metrics.js';
import { DOCS_PATH, serveDocs } from '../openapi/docs.js';
import { FAVICON_PATH } from '../http/favicon.js';

/** Maximum size of the request line and the headers together, in bytes. */
const HEADER_LIMIT = 16_384;

/** Creates the HTTP server. Nest is attached to it later. */
export function createAdapter(settings: Settings): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    genReqId: requestId,
    exposeHeadRoutes: false,
    // The path of the public URL may arrive here, or a proxy may have removed it. Both forms are served.
    rewriteUrl: (request: IncomingMessage) => {
      readAsUtf8(request);
      // Node's parser accepts PRI, but Node's list of methods lacks it. The router answers a method outside that list
      // without any hook.
      if (request.method === 'PRI') request.method = 'TRACE';
      return routedPath(request.url ?? '/', settings.publicPath);
    },
    // A path that the router cannot parse is answered like an unknown route.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply
        .header('x-request-id', request.id)
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff');
      sendError(reply, refusalOf(404));
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024 },
    // A client that sends slowly, or nothing, loses its connection after this time.
    requestTimeout: settings.requestTimeout * 1000,
    keepAliveTimeout: settings.keepAliveTimeout * 1000,
    http: {
      requireHostHeader: false,
      maxHeaderSize: HEADER_LIMIT,
      headersTimeout: Math.ceil((settings.requestTimeout * 1000) / 3),
      connectionsCheckingInterval: 1_000,
    },
    // While the process stops, requests on open connections are still answered, each with `connection: close`.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    skipMiddie: true,
  });
}

/**
 * Returns the path and query that the router, the hooks and the log see, for every form of the target. The path of the
 * public URL is removed if a path of this service remains; the public path may itself be `/api`. The public path alone,
 * with or without a trailing slash, leads to the start page.
 */
function routedPath(target: string, publicPath: string): string {
  // A target without a path matches no route. With the slash, the router answers it like any other.
  const path = parseRequestTarget(target)?.path ?? `/${target}`;
  if (path.replace(/\/?(\?.*)?$/, '') === publicPath) return `/${path.slice(publicPath.length).replace(/^\//, '')}`;
  const rest = path.startsWith(`${publicPath}/`) ? path.slice(publicPath.length) : '';
  return isPageTarget(rest) || /^\/api(\/|\?|$)/.test(rest) ? rest : path;
}

/** Whether the target is a health check, which probes of the installation call. */
function isHealth(target: string): boolean {
  return target.startsWith('/health/');
}

/** Whether a cache may keep the answer (protocol §1): only an answer that is the same for every caller. */
function isCacheable(target: string): boolean {
  const path = target.split('?', 1)[0]?.replace(/\/$/, '') ?? '';
  return CACHEABLE.has(path) || isDocs(path);
}

const CACHEABLE = new Set([
  '/api/ping',
  '/account/style.css',
  '/account/captcha/proof-of-work.js',
  '/account/captcha/scrypt.js',
  FAVICON_PATH,
  '/favicon.ico',
]);

const DOCS = new RegExp(`^${DOCS_PATH}(/|\\?|$)`);

/** Whether the target is Swagger UI, one of its scripts or the document. */
function isDocs(target: string): boolean {
  return DOCS.test(target);
}

/**
 * Sets up everything of HTTP except the routes, in the order in which a request passes it. `main.ts` and the tests
 * share it.
 *
 * @returns all routes, once the application is ready to listen.
 */
export async function configureApp(
  app: NestFastifyApplication,
  settings: Settings,
  logger: Logger,
): Promise<RouteTable> {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.server.maxConnections = settings.maxConnections;
  trackRequests(fastify);
  trackAnswers(fastify);
  setCommonHeaders(fastify, isCacheable, app.get(Draining));
  logRequests(fastify, logger);
  if (settings.metrics) measureRequests(fastify, app.get(Metrics));
  sendSecurityHeaders(fastify, settings.publicUrl, isDocs);
  await allowOrigins(fastify, settings.corsOrigins);
  limitRequests(fastify, app.get(Limits), isHealth);
  refuseAmbiguousHeaders(fastify);
  ignoreExpectations(fastify);
  refuseTunnels(fastify);
  collectBodies(fastify);
  await servePanelSessions(fastify, app.get(PanelSessionStore), settings.appKey);
  sendChallenges(fastify);
  const routesSoFar = collectRoutes(fastify);

  serveDocs(app, settings);
  await app.init();
  const routes = routesSoFar();
  completeMethods(fastify, routes);
  await fastify.ready();
  return routes;
}
