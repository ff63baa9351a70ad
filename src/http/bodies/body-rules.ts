import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiConsumes } from '@nestjs/swagger';
import { type AppError, ValidationFailed } from '../../common/errors/app-error.js';
import { BODY_LIMIT, BodyNotJson, BodyNotObject, BodyTooLarge, BodyTypeUnsupported } from '../http.errors.js';

/**
 * The body that a route reads.
 *
 * - `none`: no members, but a malformed body is refused.
 * - `json`: an object (protocol §1). A member that is null counts as absent.
 * - `merge-patch`: an object (RFC 7396). A member that is null reaches the DTO as null and means "remove this".
 * - `form`: fields of a page. An empty field counts as absent.
 * - `multipart`: `multipart/form-data` (RFC 7578) of at most this many bytes. A field reaches the DTO as text, a file as
 *   {@link UploadedFile}. Nothing is read before the guards have admitted the caller.
 */
export type BodyRule = 'none' | 'json' | 'merge-patch' | 'form' | { readonly multipart: number };

export const BODY_RULE = 'http:body rule';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Maximum size in bytes of a body that is read only after the guards have admitted the caller. */
    streamedBodyLimit?: number;
  }
}

/** Media types by the kind of body. */
export const MEDIA_TYPES = {
  none: ['application/json'],
  json: ['application/json'],
  'merge-patch': ['application/merge-patch+json', 'application/json'],
  form: ['application/x-www-form-urlencoded'],
  multipart: ['multipart/form-data'],
} as const;

export type BodyKind = keyof typeof MEDIA_TYPES;

function kindOf(rule: BodyRule): BodyKind {
  return typeof rule === 'string' ? rule : 'multipart';
}

/** Declares the body that a route reads: for the guard that parses it, and for the published document. */
export const ReadsBody = (rule: BodyRule): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(BODY_RULE, rule),
    ApiConsumes(...MEDIA_TYPES[kindOf(rule)]),
    ...(typeof rule === 'string' ? [] : [RouteConfig({ streamedBodyLimit: rule.multipart })]),
  );

/** The errors of a route that reads this body. Every route refuses a body that is too large, even if it reads none. */
export function errorsOfBody(rule: BodyRule | undefined): AppError[] {
  const tooLarge = new BodyTooLarge(typeof rule === 'object' ? rule.multipart : BODY_LIMIT);
  if (rule === undefined) return [tooLarge];
  const isJson = rule === 'none' || rule === 'json' || rule === 'merge-patch';
  return [
    ...(isJson ? [new BodyNotJson(), new BodyNotObject()] : []),
    new BodyTypeUnsupported(MEDIA_TYPES[kindOf(rule)]),
    ...(rule === 'none' ? [] : [new ValidationFailed({ username: ['username is required'] })]),
    tooLarge,
  ];
}
