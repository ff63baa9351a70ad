import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';

/** The most bytes that a body may have on a route that does not say otherwise (protocol §1). */
export const BODY_LIMIT = 65_536;

/** What a route reads. */
export type BodyKind = 'json' | 'merge-patch' | 'form' | 'multipart';

export const BODY_KIND = 'http:body kind';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The most bytes that a body of the route may have, where it is read only after the guards have let the caller in. */
    streamedBodyLimit?: number;
  }
}

/** The bodies of the route are forms, as pages send them. Fields left empty count as absent. */
export const ReadsForms = () => SetMetadata(BODY_KIND, 'form' satisfies BodyKind);

/**
 * The bodies of the route are merge patches (RFC 7396), as `application/json` or `application/merge-patch+json`. A member that
 * is null reaches the DTO as null, to say "remove this"; everywhere else it counts as absent.
 */
export const ReadsMergePatch = () => SetMetadata(BODY_KIND, 'merge-patch' satisfies BodyKind);

/**
 * The bodies of the route are `multipart/form-data` (RFC 7578). A field reaches the DTO as text, a file as {@link UploadedFile}.
 * Nothing is read before the guards have let the caller in.
 *
 * @param limit the most bytes that a body may have.
 */
export const ReadsMultipart = (limit: number) =>
  applyDecorators(SetMetadata(BODY_KIND, 'multipart' satisfies BodyKind), RouteConfig({ streamedBodyLimit: limit }));
