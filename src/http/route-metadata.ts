import { type ExecutionContext, type Type } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

type Handler = ReturnType<ExecutionContext['getHandler']>;

const reflector = new Reflector();
const known = new WeakMap<Type, Map<Handler, Map<string, unknown>>>();

/**
 * Returns what a decorator sets for the route of a request, or else for the class of the route.
 *
 * The value is cached for each route, because several guards need metadata on every request.
 */
export function routeMetadata<T>(key: string, context: ExecutionContext): T | undefined {
  const facts = factsOf(context);
  if (!facts.has(key)) facts.set(key, reflector.getAllAndOverride<T>(key, [context.getHandler(), context.getClass()]));
  return facts.get(key) as T | undefined;
}

function factsOf(context: ExecutionContext): Map<string, unknown> {
  const [controller, handler] = [context.getClass(), context.getHandler()];
  const facts = known.get(controller)?.get(handler);
  if (facts) return facts;
  const routes = known.get(controller) ?? new Map<Handler, Map<string, unknown>>();
  const fresh = new Map<string, unknown>();
  known.set(controller, routes.set(handler, fresh));
  return fresh;
}
