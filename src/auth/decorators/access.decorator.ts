import { applyDecorators, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import { type AppError, ValidationFailed } from '../../common/errors/app-error.js';
import { AccountNotFound } from '../../directory/account-not-found.js';
import { type BodyRule, errorsOfBody, ReadsBody } from '../../http/bodies/body-rules.js';
import { WithoutDatabase } from '../../http/database-ready.guard.js';
import { documentErrors } from '../../http/documented-errors.js';
import { DatabaseNotAnswering, InternalError } from '../../http/errors/error.filter.js';
import { BadRequest, RouteNotFound } from '../../http/http.errors.js';
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

/**
 * Who may call a route, and how the caller is authenticated: by credentials of the API, or by a session of the panel.
 */
export interface Access {
  readonly who: Who;
  readonly by: 'credentials' | 'panel-session';
}

/** What a route declares besides its access. The published document says it too. */
export interface DeclaredRoute {
  /** The body that the route reads. Absent for GET. */
  readonly body?: BodyRule;
  /** Whether its path has parameters. A parameter that cannot be decoded gives 404. */
  readonly parameters?: boolean;
  /** An example of each error that is specific to the route. */
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

/** Every route refuses a duplicate header, a target that cannot be parsed, and too many calls. */
const ofEveryRoute = [new BadRequest(), new TooManyAttempts(42)];
const ofTheDatabase = [new InternalError('3f1c9a52'), new DatabaseNotAnswering()];
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
 * Declares who may call a route of the API. The guards enforce it, the published document lists it with its errors, and
 * the access test checks it. A route without it rejects every request.
 */
export const Access = (who: Who, route: DeclaredRoute = {}): MethodDecorator & ClassDecorator =>
  applyDecorators(
    allow(who, 'credentials'),
    ApiTags(TAGS[who]),
    ...(who === 'anybody' ? [{}] : BY_CREDENTIALS).map((scheme) => ApiSecurity(scheme)),
    documentErrors(errorsOf(who, route)),
    ...(route.body ? [ReadsBody(route.body)] : []),
    ...(route.needsDatabase === false ? [WithoutDatabase()] : []),
  );

/**
 * Declares who may open the pages of a controller of the panel. Only a session is accepted there, no other credentials.
 */
export const PageAccess = (who: Who) => allow(who, 'panel-session');

const allow = (who: Who, by: Access['by']) => SetMetadata(ACCESS, { who, by } satisfies Access);

/**
 * Reads the access that a route declares.
 *
 * @throws Error for a route without a declaration.
 */
export function accessOf(context: ExecutionContext): Access {
  const access = routeMetadata<Access>(ACCESS, context);
  if (!access) throw new Error(`${context.getClass().name}.${context.getHandler().name} has no @Access()`);
  return access;
}

function errorsOf(who: Who, { body, parameters, errors = [], needsDatabase }: DeclaredRoute): AppError[] {
  return [
    ...OF_CALLERS[who],
    ...errorsOfBody(body),
    ...(parameters ? [new RouteNotFound()] : []),
    ...errors,
    ...ofEveryRoute,
    ...(needsDatabase === false ? [] : ofTheDatabase),
  ];
}
