import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, type ApiResponseOptions, ApiSecurity, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { AccountNotFound } from '../../directory/account-not-found.js';
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
import { type AppError, ValidationFailed } from '../../common/errors/app-error.js';
import { DatabaseNotAnswering, InternalError } from '../../http/errors/error.filter.js';
import { ErrorBody, ValidationErrorBody } from '../../http/errors/error-body.dto.js';
import { errorStatuses } from '../../common/errors/error-codes.js';
import { TooManyAttempts } from '../../limits/limits.errors.js';
import { BadRequest, BodyNotJson, BodyNotObject, BodyTooLarge, BodyTypeUnsupported, RouteNotFound } from '../../http/http.errors.js';

/** What each status means to a caller (protocol §1). */
const MEANINGS: Record<number, string> = {
  400: 'The request cannot be understood.',
  401: 'No, wrong or stale credentials.',
  403: 'The credentials are right, but this is not allowed.',
  404: 'There is no such account, device or code.',
  413: 'The request body is larger than 64 KiB.',
  415: 'The request body is not sent as application/json.',
  422: 'Something in the request is missing or not acceptable.',
  429: 'Too many attempts.',
  500: 'A fault of ours.',
  503: 'Something this call needs is not answering. Nothing half-done is left behind.',
};

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds until another try makes sense.', schema: { type: 'integer', example: 60 } },
} as const;

const CHALLENGES = {
  'WWW-Authenticate': {
    description: 'A Digest challenge for each algorithm the account has a password for, each in a field of its own (RFC 7616).',
    schema: { type: 'string', example: 'Digest realm="sip.example.org",qop="auth",algorithm=SHA-256,nonce="0101a2…",opaque="9da903…"' },
  },
} as const;

const HEADERS: Record<number, ApiResponseOptions['headers']> = { 401: CHALLENGES, 429: RETRY_AFTER, 503: RETRY_AFTER };

/** Two headers where one is meant, and a target that cannot be read, are refused on every route. */
const everywhere = [
  new BadRequest(),
  new BodyTooLarge(),
  new TooManyAttempts(42),
  new InternalError('3f1c9a52'),
  new DatabaseNotAnswering(),
];
const authentication = [
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
/** What any body can be refused for, by a route that reads none too. */
const transport = [new BodyNotJson(), new BodyNotObject(), new BodyTypeUnsupported()];
const shape = [new ValidationFailed({ username: ['username is required'] })];

interface RouteErrors {
  /** `json`: the route reads a body. `none`: it reads none, but refuses one that is malformed. Not given for GET. */
  body?: 'json' | 'none';
  /** Whether its path has parameters; one that cannot be decoded is no path. */
  parameters?: boolean;
  /** One of each error that is the route's own. */
  errors?: readonly AppError[];
}

/** Documents a route that anybody may call. */
export const ApiPublicRoute = (route: RouteErrors = {}) => applyDecorators(ApiTags('Public'), ApiSecurity({}), apiErrors(route, []));

/** Documents a route for an authenticated and activated account. */
export const ApiUserRoute = (route: RouteErrors = {}) => applyDecorators(ApiTags('User'), credentials(), apiErrors(route, authentication));

/** Documents a route for administrators. */
export const ApiAdminRoute = (route: RouteErrors = {}) =>
  applyDecorators(ApiTags('Admin'), credentials(), apiErrors(route, [...authentication, new AdminRequired()]));

/** Documents a route that anybody may call and that needs nothing: what is left to go wrong. */
export const ApiBareRoute = () =>
  applyDecorators(
    ApiTags('Public'),
    ApiSecurity({}),
    ApiExtraModels(ErrorBody),
    apiError(400, [new BadRequest()]),
    apiError(413, [new BodyTooLarge()]),
    apiError(429, [new TooManyAttempts(42)]),
  );

const credentials = () => applyDecorators(ApiSecurity({ from: [], apiKey: [] }), ApiSecurity({ from: [], digest: [] }));

function apiErrors(route: RouteErrors, access: readonly AppError[]): MethodDecorator & ClassDecorator {
  const all = [
    ...access,
    ...(route.body ? transport : []),
    ...(route.body === 'json' ? shape : []),
    ...(route.parameters ? [new RouteNotFound()] : []),
    ...(route.errors ?? []),
    ...everywhere,
  ];
  const byStatus = new Map<number, AppError[]>();
  for (const error of all) {
    const status = errorStatuses[error.code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), error]);
  }
  return applyDecorators(
    ApiExtraModels(ErrorBody, ValidationErrorBody),
    ...[...byStatus].map(([status, errorsOfStatus]) => apiError(status, errorsOfStatus)),
  );
}

/** One status, with the codes the route can give with it and what each looks like. */
function apiError(status: number, errors: readonly AppError[]): MethodDecorator & ClassDecorator {
  const codes = [...new Set(errors.map(({ code }) => code))].toSorted();
  const schema = {
    allOf: [
      { $ref: getSchemaPath(status === 422 ? ValidationErrorBody : ErrorBody) },
      { type: 'object' as const, properties: { code: { type: 'string' as const, enum: codes } } },
    ],
  };
  const examples = Object.fromEntries(errors.map((error) => [error.code, { summary: error.code, value: ErrorBody.from(error) }]));
  return ApiResponse({
    status,
    description: MEANINGS[status] ?? '',
    headers: HEADERS[status],
    content: { 'application/json': { schema, examples } },
  });
}
