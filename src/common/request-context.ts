import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ContextValue } from './context-value.js';
import { sourceAddress } from './source-address.js';

/** How somebody proves that he may do something, in the words of docs/insight.md. */
export const MEANS = ['api-key', 'digest', 'panel', 'command-line', 'code', 'link', 'token', 'service'] as const;
export type Means = (typeof MEANS)[number];

/** Who acts, and by what means he may. */
export interface Actor {
  /** Absent where no account is proven: somebody with a code, or the command line. */
  readonly account?: { readonly id: number; readonly username: string; readonly domain: string };
  readonly means: Means;
}

/** What is known, wherever code runs for it, of a request or a command. */
interface Context {
  actor?: Actor;
}

class RequestContext implements Context {
  actor?: Actor;

  constructor(private readonly request: FastifyRequest) {}

  get requestId(): string {
    return this.request.id;
  }

  /** The address it comes from. */
  get source(): string {
    return sourceAddress(this.request);
  }
}

const requestContext = new ContextValue<Context>();

/** The request this code runs for, if any. */
export function currentRequest(): RequestContext | undefined {
  const context = requestContext.current;
  return context instanceof RequestContext ? context : undefined;
}

/** Makes {@link currentRequest} work for everything a request leads to. */
export function trackRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => requestContext.by(new RequestContext(request), done));
}

/** Who this code acts for; the service itself where nobody has said so. */
export function currentActor(): Actor {
  return requestContext.current?.actor ?? { means: 'service' };
}

/** Says who makes the request this code runs for, once that is proven. */
export function actAs(actor: Actor): void {
  const context = requestContext.current;
  if (!context) throw new Error('actAs() belongs into a request; work without one is run by runAs()');
  context.actor = actor;
}

/** Does work that no request asks for in somebody's name: a command. */
export function runAs<T>(actor: Actor, work: () => T): T {
  return requestContext.by({ actor }, work);
}

/** What every log line of a request carries: its id, and the account that makes it, once that is proven. */
export function contextFields(): { requestId?: string; accountId?: number } {
  return { requestId: currentRequest()?.requestId, accountId: requestContext.current?.actor?.account?.id };
}
