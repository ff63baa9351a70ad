import { type DynamicModule, RequestMethod, type Type } from '@nestjs/common';
import { AppModule } from '../../src/app/app.module.js';
import {
  ACCESS as ACCESS_OF_ROUTE,
  type Access,
  type BeforeActivation,
  type Who as WhoByCredentials,
} from '../../src/auth/decorators/access.decorator.js';
import type { Settings } from '../../src/config/settings.js';

/**
 * Who may call a route with credentials of the API. `nobody` stands for a page that requires a session of the panel.
 */
export type Who = WhoByCredentials | 'nobody';

/** A route as its controller declares it. */
interface DeclaredRoute {
  /** `GET /api/accounts/:id` */
  readonly name: string;
  readonly access: Access | undefined;
}

/** Routes without a controller: Swagger UI. */
const OF_NO_CONTROLLER: Readonly<Record<string, WhoByCredentials>> = {
  'GET /api': 'anybody',
  'GET /api/docs': 'anybody',
};

const declared = modulesOf(AppModule.forRoot({} as Settings))
  .flatMap(controllersOf)
  .flatMap(routesOf);

const whoOf = (by: Access['by']) =>
  Object.fromEntries(
    declared.filter(({ access }) => access?.by === by).map(({ name, access }) => [name, access?.who ?? 'admin']),
  );

/** Routes whose controller declares no access. There must be none. */
export const UNDECLARED = declared.filter(({ access }) => !access).map(({ name }) => name);

/** Every route that accepts credentials of the API, with who may call it by `@Access()`. */
export const ACCESS: Readonly<Record<string, WhoByCredentials>> = { ...OF_NO_CONTROLLER, ...whoOf('credentials') };

/** The routes that accept some accounts before their activation, and which ones. */
export const BEFORE_ACTIVATION: Readonly<Record<string, BeforeActivation>> = Object.fromEntries(
  declared.flatMap(({ name, access }) => (access?.beforeActivation ? [[name, access.beforeActivation]] : [])),
);

/** Every page of the panel, with who must have signed in by `@PanelPages()`. */
export const PAGES: Readonly<Record<string, WhoByCredentials>> = whoOf('panel-session');

/**
 * Who may call a route with credentials of the API, by the route name in the log. HEAD counts as GET, and the files of
 * Swagger UI count as its page.
 */
export function whoMayCall(method: string, route: string): Who | undefined {
  if (route.startsWith('/api/docs')) return 'anybody';
  const name = `${method === 'HEAD' ? 'GET' : method} ${route.replace(/(.)\/$/, '$1')}`;
  const page = PAGES[name];
  return page === 'user' || page === 'admin' ? 'nobody' : (page ?? ACCESS[name]);
}

function modulesOf(module: Type | DynamicModule): Type[] {
  const [type, given] = 'module' in module ? [module.module, module.imports ?? []] : [module, []];
  const declaredImports = (Reflect.getMetadata('imports', type) ?? []) as (Type | DynamicModule)[];
  const imports = [...given, ...declaredImports] as (Type | DynamicModule)[];
  return [...new Set([type, ...imports.flatMap(modulesOf)])];
}

function controllersOf(module: Type): Type[] {
  return (Reflect.getMetadata('controllers', module) ?? []) as Type[];
}

function routesOf(controller: Type): DeclaredRoute[] {
  const prototype = controller.prototype as Record<string, object>;
  const handlers = Object.getOwnPropertyNames(prototype).map((name) => prototype[name] as object);
  return handlers
    .filter((handler) => Reflect.hasMetadata('path', handler) && handler !== controller)
    .flatMap((handler) => {
      const access = [handler, controller].map(
        (holder) => Reflect.getMetadata(ACCESS_OF_ROUTE, holder) as Access | undefined,
      );
      const method = RequestMethod[Reflect.getMetadata('method', handler) as RequestMethod];
      return pathsOf(controller, handler).map((path) => ({
        name: `${method} ${path}`,
        access: access[0] ?? access[1],
      }));
    });
}

function pathsOf(controller: Type, handler: object): string[] {
  const [bases, paths] = [controller, handler].map((holder) =>
    [Reflect.getMetadata('path', holder) as string | string[]].flat(),
  );
  return (bases ?? []).flatMap((base) =>
    (paths ?? []).map((path) => `/${[base, path].join('/')}`.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')),
  );
}
