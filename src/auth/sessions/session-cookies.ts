import cookie from '@fastify/cookie';
import session from '@fastify/session';
import type { FastifyInstance } from 'fastify';
import { RouteNotFound } from '../../http/http.errors.js';
import { deriveKey } from '../../common/secrets.js';
import type { PanelSessionStore } from './panel-session-store.js';

/** The cookie that holds the signed id of a panel session. */
export const SESSION_COOKIE = 'flexisip_panel';

/** Where the panel is, as the router sees it. */
const PANEL = '/account';

/** Whether a target, as it was sent, is below `/account`. */
export function isOfPanel(target: string): boolean {
  return /^\/account(\/|\?|$)/.test(target);
}

/**
 * Gives every request below `/account` the session its cookie names, or a new one that is kept nowhere until somebody signs in.
 * Elsewhere cookies mean nothing.
 */
export async function servePanelSessions(
  fastify: FastifyInstance,
  store: PanelSessionStore,
  appKey: string,
): Promise<void> {
  // The router decodes a path and the sessions do not: written otherwise, a page would have none.
  fastify.addHook('onRequest', ({ routeOptions, url }, _reply, done) => {
    done(isOfPanel(routeOptions.url ?? '') && !isOfPanel(url) ? new RouteNotFound() : undefined);
  });
  await fastify.register(cookie);
  await fastify.register(session, {
    secret: deriveKey(appKey, 'panel session id').toString('hex'),
    cookieName: SESSION_COOKIE,
    // The path as the router sees it: the browser's may have the public URL's in front, and is set with the cookie.
    // So is Secure: whether a proxy that ends TLS is believed makes no difference to what the browser speaks.
    cookie: { path: PANEL, httpOnly: true, sameSite: 'lax', secure: false },
    saveUninitialized: false,
    rolling: false,
    store,
  });
}
