import { applyDecorators, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import { type AppError, ValidationFailed } from '../../common/errors/app-error.js';
import { AccountNotFound } from '../../directory/account-not-found.js';
import { WithoutDatabase } from '../../http/database-ready.guard.js';
import { documentErrors } from '../../http/documented-errors.js';
import { DatabaseNotAnswering, InternalError } from '../../http/errors/error.filter.js';
import { BadRequest, BodyNotJson, BodyNotObject, BodyTooLarge, BodyTypeUnsupported, RouteNotFound } from '../../http/http.errors.js';
import { routeMetadata } from '../../http/route-metadata.js';
import { TooManyAttempts } from '../../limits/limits.errors.js';
import {
  AccountNotActivated,
  AdminRequired,
  AuthenticationRequired,
  CredentialsInvalid,
  FromAmbiguous,
  NonceInvalid,
  NonceReplayed,
  NoncesUnavailable,
} from '../auth.errors.js';

/** Who may call a route: anybody, an activated account, or an activated account that may manage accounts. */
export type Who = 'anybody' | 'user' | 'admin';

/** Who may call a route, and how a caller proves who he is: by credentials of the API, or by a session of the panel. */
export interface Access {
  readonly who: Who;
  readonly by: 'credentials' | 'panel-session';
}

/** What the published document tells of a route besides who may call it. */
export interface DocumentedRoute {
  /** `json`: the route reads a body. `none`: it reads none, but refuses one that is malformed. Not given for GET. */
  readonly body?: 'json' | 'none';
  /** Whether its path has parameters; one that cannot be decoded is no path. */
  readonly parameters?: boolean;
  /** One of each error that is the route's own. */
  readonly errors?: readonly AppError[];
  /** False for a route that answers without the database. */
  readonly needsDatabase?: false;
}

export const ACCESS = 'auth:access';

const TAGS: Record<Who, string> = { anybody: 'Public', user: 'User', admin: 'Admin' };

const BY_CREDENTIALS: readonly Record<string, string[]>[] = [
  { from: [], apiKey: [] },
  { from: [], digest: [] },
];

/** Two headers where one is meant, and a target that cannot be read, are refused on every route. */
const ofEveryRoute = [new BadRequest(), new BodyTooLarge(), new TooManyAttempts(42)];
const ofTheDatabase = [new InternalError('3f1c9a52'), new DatabaseNotAnswering()];
/** What any body can be refused for, by a route that reads none too. */
const ofBodies = [new BodyNotJson(), new BodyNotObject(), new BodyTypeUnsupported()];
const ofMembers = [new ValidationFailed({ username: ['username is required'] })];
const ofUsers = [
  new FromAmbiguous(),
  new ValidationFailed({ from: ['The From header is required, like sip:user@domain'] }),
  new AuthenticationRequired(),
  new CredentialsInvalid(),
  new NonceInvalid(),
  new NonceReplayed(),
  new AccountNotActivated(),
  new AccountNotFound(),
  new NoncesUnavailable(),
];
const OF_CALLERS: Record<Who, readonly AppError[]> = {
  anybody: [],
  user: ofUsers,
  admin: [...ofUsers, new AdminRequired()],
};

/**
 * Says who may call a route of the API. The guards enforce it, the published document tells it with the errors that follow,
 * and the access test tries it. A route without it answers nobody.
 */
export const Access = (who: Who, route: DocumentedRoute = {}): MethodDecorator & ClassDecorator =>
  applyDecorators(
    allow(who, 'credentials'),
    ApiTags(TAGS[who]),
    ...(who === 'anybody' ? [{}] : BY_CREDENTIALS).map((scheme) => ApiSecurity(scheme)),
    documentErrors(errorsOf(who, route)),
    ...(route.needsDatabase === false ? [WithoutDatabase()] : []),
  );

/** Says who may open the pages of a controller of the panel. No other credentials than a session count there. */
export const PageAccess = (who: Who) => allow(who, 'panel-session');

const allow = (who: Who, by: Access['by']) => SetMetadata(ACCESS, { who, by } satisfies Access);

/** @throws Error for a route that does not say who may call it. */
export function accessOf(context: ExecutionContext): Access {
  const access = routeMetadata<Access>(ACCESS, context);
  if (!access) throw new Error(`${context.getClass().name}.${context.getHandler().name} has no @Access()`);
  return access;
}

function errorsOf(who: Who, { body, parameters, errors = [], needsDatabase }: DocumentedRoute): AppError[] {
  return [
    ...OF_CALLERS[who],
    ...(body ? ofBodies : []),
    ...(body === 'json' ? ofMembers : []),
    ...(parameters ? [new RouteNotFound()] : []),
    ...errors,
    ...ofEveryRoute,
    ...(needsDatabase === false ? [] : ofTheDatabase),
  ];
}
