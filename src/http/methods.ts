import { METHODS } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance, RouteHandlerMethod, RouteOptions } from 'fastify';
import { MethodNotAllowed } from './http.errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The GET route is not safe (RFC 9110 §9.2.1), so it answers no HEAD. */
    changesState?: boolean;
  }
}

/** The routes by path and method. A method has several routes if constraints, such as a version, tell them apart. */
export type RouteTable = ReadonlyMap<string, ReadonlyMap<string, readonly RouteOptions[]>>;

/**
 * Collects the routes that are registered from now on.
 *
 * @returns a function that returns the routes collected so far.
 */
export function collectRoutes(fastify: FastifyInstance): () => RouteTable {
  const table = new Map<string, Map<string, RouteOptions[]>>();
  fastify.addHook('onRoute', (route) => {
    // To the router, a path with a trailing slash is the same path.
    const path = route.url.replace(/(.)\/$/, '$1');
    const methods = table.get(path) ?? new Map<string, RouteOptions[]>();
    for (const method of [route.method].flat()) {
      const others = (methods.get(method) ?? []).filter(
        (other) => !isDeepStrictEqual(constraintsOf(other), constraintsOf(route)),
      );
      methods.set(method, [...others, route]);
    }
    table.set(path, methods);
  });
  return () => new Map([...table].map(([path, methods]) => [path, new Map(methods)]));
}

const constraintsOf = ({ constraints = {} }: RouteOptions) => constraints;

/**
 * Gives every path an answer to every method: HEAD as GET without a body if GET is safe, and 405 with `Allow` for all
 * others (protocol §1). Otherwise an unknown method of a known path would be answered 404 or reach another route.
 */
export function completeMethods(fastify: FastifyInstance, routes: RouteTable): void {
  // Fastify answers 404 to a method that is not registered, and 400 to a QUERY without a media type.
  const unknown = METHODS.filter((method) => method !== 'CONNECT' && !fastify.supportedMethods.includes(method));
  for (const method of unknown) fastify.addHttpMethod(method);
  fastify.addHttpMethod('QUERY', { overrideExisting: true });

  for (const [url, methods] of byShape(routes)) {
    const safe = methods.has('HEAD')
      ? []
      : (methods.get('GET') ?? []).filter(({ config }) => config?.changesState !== true);
    for (const get of safe) fastify.route({ ...get, method: 'HEAD' });
    const answered = new Set([...methods.keys(), ...(safe.length > 0 ? ['HEAD'] : [])]);
    const refused = fastify.supportedMethods.filter((method) => !answered.has(method));
    if (refused.length > 0)
      fastify.route({ method: refused, url, handler: refuse([...answered].toSorted().join(', ')) });
  }
}

/** To the router, paths that differ only in the names of their parameters are one path. */
function byShape(routes: RouteTable): RouteTable {
  const shapes = new Map<string, { readonly url: string; readonly methods: Map<string, readonly RouteOptions[]> }>();
  for (const [url, methods] of routes) {
    const shape = url.replace(/:\w+/g, ':');
    const known = shapes.get(shape) ?? { url, methods: new Map() };
    for (const [method, variants] of methods)
      known.methods.set(method, [...(known.methods.get(method) ?? []), ...variants]);
    shapes.set(shape, known);
  }
  return new Map([...shapes.values()].map(({ url, methods }) => [url, methods]));
}

function refuse(allow: string): RouteHandlerMethod {
  return (_request, reply) => {
    reply.header('allow', allow);
    throw new MethodNotAllowed();
  };
}
