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
  AccountBlocked,
  AccountNotActivated,
  AccountUnvalidated,
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
 * The accounts that may call a route before they are activated (contract-2x §1): those that were never activated and have
 * an account creation token, or all that were never activated. An account that an administrator deactivated may not.
 */
export type BeforeActivation = 'with-creation-token' | 'never-activated';

/**
 * Who may call a route, and how the caller is authenticated: by credentials of the API, or by a session of the panel.
 */
export interface Access {
  readonly who: Who;
  readonly by: 'credentials' | 'panel-session';
  readonly beforeActivation?: BeforeActivation;
}

/** What a route declares besides its access. The published document says it too. */
export interface DeclaredRoute {
  /** Who may call the route with an account that is not activated. Default: nobody. */
  readonly beforeActivation?: BeforeActivation;
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
  { apiKey: [] },
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
  new AccountBlocked(),
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
    allow(who, 'credentials', route.beforeActivation),
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

const allow = (who: Who, by: Access['by'], beforeActivation?: BeforeActivation) =>
  SetMetadata(ACCESS, { who, by, ...(beforeActivation && { beforeActivation }) } satisfies Access);

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

function errorsOf(who: Who, route: DeclaredRoute): AppError[] {
  const { body, parameters, beforeActivation, errors = [], needsDatabase } = route;
  return [
    ...OF_CALLERS[who],
    ...(beforeActivation === 'with-creation-token' ? [new AccountUnvalidated()] : []),
    ...errorsOfBody(body),
    ...(parameters ? [new RouteNotFound()] : []),
    ...errors,
    ...ofEveryRoute,
    ...(needsDatabase === false ? [] : ofTheDatabase),
  ];
}
