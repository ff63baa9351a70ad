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

/** The most bytes that the request line and the headers of a request may have together. */
const HEADER_LIMIT = 16_384;

/** The HTTP server, before Nest knows it. */
export function createAdapter(settings: Settings): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    genReqId: requestId,
    exposeHeadRoutes: false,
    // The path of the public URL may arrive here, or have been stripped by a proxy: both are served.
    rewriteUrl: (request: IncomingMessage) => {
      readAsUtf8(request);
      // Node's parser knows it, its list of methods does not, and the router answers what is not in there without any hook.
      if (request.method === 'PRI') request.method = 'TRACE';
      return routedPath(request.url ?? '/', settings.publicPath);
    },
    // What the router cannot even take apart is no route.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.header('x-request-id', request.id).header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
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
    // While we stop, requests on connections that are kept are answered too, each with the word that it was the last.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    skipMiddie: true,
  });
}

/**
 * The path and query that the router, the hooks and the log see, whatever the form of the target. The path of the public URL is
 * removed where one of ours remains; it may itself be called `/api`. With or without a slash at its end, it leads to the start page.
 */
function routedPath(target: string, publicPath: string): string {
  // A target without a path is no route. The slash makes the router answer it like any other.
  const path = parseRequestTarget(target)?.path ?? `/${target}`;
  if (path.replace(/\/?(\?.*)?$/, '') === publicPath) return `/${path.slice(publicPath.length).replace(/^\//, '')}`;
  const rest = path.startsWith(`${publicPath}/`) ? path.slice(publicPath.length) : '';
  return /^\/(api|account)(\/|\?|$)/.test(rest) ? rest : path;
}

/** What probes of the installation ask for. */
function isHealth(target: string): boolean {
  return target.startsWith('/health/');
}

/** Only what is the same for everybody may be kept by a cache (protocol §1). */
function isCacheable(target: string): boolean {
  const path = target.split('?', 1)[0]?.replace(/\/$/, '') ?? '';
  return CACHEABLE.has(path) || isDocs(path);
}

const CACHEABLE = new Set(['/api/ping', '/account/style.css', FAVICON_PATH, '/favicon.ico']);

const DOCS = new RegExp(`^${DOCS_PATH}(/|\\?|$)`);

/** Swagger UI, its scripts and the document. */
function isDocs(target: string): boolean {
  return DOCS.test(target);
}

/**
 * Everything about HTTP that is not a route, in the order a request meets it. `main.ts` and the tests share it.
 *
 * @returns every route, once the application is ready to listen.
 */
export async function configureApp(app: NestFastifyApplication, settings: Settings, logger: Logger): Promise<RouteTable> {
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
