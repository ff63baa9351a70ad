import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ContextValue } from './context-value.js';
import { sourceAddress } from './source-address.js';

/** Auth methods: how a caller proves its right to act, in the terms of docs/insight.md. */
export const AUTH_METHODS = [
  'api-key',
  'digest',
  'panel',
  'command-line',
  'code',
  'link',
  'token',
  'job',
  'service',
] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** Who acts, and the auth method that permits it. */
export interface Actor {
  /** Absent if no account is proven, as for a caller with a code or for the command line. */
  readonly account?: { readonly id: number; readonly username: string; readonly domain: string };
  readonly method: AuthMethod;
}

/** The request context: what all code that runs for a request or a command can read. */
interface Context {
  actor?: Actor;
}

class RequestContext implements Context {
  actor?: Actor;

  constructor(private readonly request: FastifyRequest) {}

  get requestId(): string {
    return this.request.id;
  }

  /** Source address of the request. */
  get source(): string {
    return sourceAddress(this.request);
  }
}

const requestContext = new ContextValue<Context>();

/** The request that this code runs for, or undefined. */
export function currentRequest(): RequestContext | undefined {
  const context = requestContext.current;
  return context instanceof RequestContext ? context : undefined;
}

/** Makes {@link currentRequest} work in all code that runs for a request. */
export function trackRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => requestContext.by(new RequestContext(request), done));
}

/** The actor that this code runs for; the service itself if no actor is set. */
export function currentActor(): Actor {
  return requestContext.current?.actor ?? { method: 'service' };
}

/**
 * Sets the actor of the request that this code runs for, once it is proven.
 *
 * @throws Error if there is no request context.
 */
export function actAs(actor: Actor): void {
  const context = requestContext.current;
  if (!context) throw new Error('actAs() belongs into a request; work without one is run by runAs()');
  context.actor = actor;
}

/** Runs work for an actor without a request, as for a command. */
export function runAs<T>(actor: Actor, work: () => T): T {
  return requestContext.by({ actor }, work);
}

/** Fields of every log line of a request: its id, and its account once that is proven. */
export function contextFields(): { requestId?: string; accountId?: number } {
  return { requestId: currentRequest()?.requestId, accountId: requestContext.current?.actor?.account?.id };
}
