import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, type ApiResponseOptions, getSchemaPath } from '@nestjs/swagger';
import type { AppError } from '../common/errors/app-error.js';
import { ErrorBody, ValidationErrorBody } from './errors/error-body.dto.js';

/** The meaning of each status for a caller (protocol §1). */
const MEANINGS: Record<number, string> = {
  400: 'The request cannot be understood.',
  401: 'Credentials are missing, wrong or stale.',
  403: 'The credentials are right, but this is not allowed.',
  404: 'There is no such account, device or code.',
  412: 'The account has changed since the caller read it. Nothing was changed.',
  413: 'The request body is larger than this route accepts.',
  415: 'This route does not read the media type of the request body.',
  422: 'A value in the request is missing or not valid.',
  429: 'Too many attempts.',
  500: 'An internal error of the service.',
  503: 'A service that this call needs does not answer. No change is left half done.',
};

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait before the next attempt.', schema: { type: 'integer', example: 60 } },
} as const;

const CHALLENGES = {
  'WWW-Authenticate': {
    description:
      'One Digest challenge for each algorithm that the account has a password for, each in its own header field (RFC 7616).',
    schema: {
      type: 'string',
      example: 'Digest realm="sip.example.org",qop="auth",algorithm=SHA-256,nonce="0101a2…",opaque="9da903…"',
    },
  },
} as const;

const HEADERS: Record<number, ApiResponseOptions['headers']> = { 401: CHALLENGES, 429: RETRY_AFTER, 503: RETRY_AFTER };

/**
 * Documents the errors of a route by status, with the codes and an example of each.
 *
 * @param errors one instance of each error that the route can answer with.
 */
export function documentErrors(errors: readonly AppError[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, AppError[]>();
  for (const error of errors) byStatus.set(error.status, [...(byStatus.get(error.status) ?? []), error]);
  return applyDecorators(
    ApiExtraModels(ErrorBody, ValidationErrorBody),
    ...[...byStatus].map(([status, errorsOfStatus]) => documentStatus(status, errorsOfStatus)),
  );
}

function documentStatus(status: number, errors: readonly AppError[]): MethodDecorator & ClassDecorator {
  const codes = [...new Set(errors.map(({ code }) => code))].toSorted();
  const schema = {
    allOf: [
      { $ref: getSchemaPath(status === 422 ? ValidationErrorBody : ErrorBody) },
      { type: 'object' as const, properties: { code: { type: 'string' as const, enum: codes } } },
    ],
  };
  const examples = Object.fromEntries(
    errors.map((error) => [error.code, { summary: error.code, value: ErrorBody.from(error) }]),
  );
  return ApiResponse({
    status,
    description: MEANINGS[status] ?? '',
    headers: HEADERS[status],
    content: { 'application/json': { schema, examples } },
  });
}
