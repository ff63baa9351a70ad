import cookie from '@fastify/cookie';
import session from '@fastify/session';
import type { FastifyInstance } from 'fastify';
import { RouteNotFound } from '../../http/http.errors.js';
import { deriveKey } from '../../common/secrets.js';
import type { PanelSessionStore } from './panel-session-store.js';

/** The cookie that holds the signed id of a panel session. */
export const SESSION_COOKIE = 'flexisip_panel';

/** The path of the panel, as the router sees it. */
const PANEL = '/account';

/** Whether a request target, exactly as sent, is below `/account`. */
export function isOfPanel(target: string): boolean {
  return /^\/account(\/|\?|$)/.test(target);
}

/**
 * Gives every request below `/account` the session that its cookie names, or a new one that is not stored before the
 * sign-in. On other paths cookies are ignored.
 */
export async function servePanelSessions(
  fastify: FastifyInstance,
  store: PanelSessionStore,
  appKey: string,
): Promise<void> {
  // The router decodes a path, but the session plugin does not. A page requested with an encoded path would have no
  // session.
  fastify.addHook('onRequest', ({ routeOptions, url }, _reply, done) => {
    done(isOfPanel(routeOptions.url ?? '') && !isOfPanel(url) ? new RouteNotFound() : undefined);
  });
  await fastify.register(cookie);
  await fastify.register(session, {
    secret: deriveKey(appKey, 'panel session id').toString('hex'),
    cookieName: SESSION_COOKIE,
    // This is the path as the router sees it. The path for the browser may start with the path of the public URL, and
    // is set with the cookie. `secure` is set there too, because it depends on the scheme that the browser uses,
    // whether or not a proxy that ends TLS is trusted.
    cookie: { path: PANEL, httpOnly: true, sameSite: 'lax', secure: false },
    saveUninitialized: false,
    rolling: false,
    store,
  });
}
