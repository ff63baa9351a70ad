import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';

/** Maximum size of a body in bytes, unless the route sets another limit (protocol §1). */
export const BODY_LIMIT = 65_536;

/** The kinds of bodies that routes read. */
export type BodyKind = 'json' | 'merge-patch' | 'form' | 'multipart';

export const BODY_KIND = 'http:body kind';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Maximum size of a body of the route, in bytes. Such a body is read only after the guards have admitted the
     * caller.
     */
    streamedBodyLimit?: number;
  }
}

/** The route reads forms that pages send. Empty fields count as absent. */
export const ReadsForms = () => SetMetadata(BODY_KIND, 'form' satisfies BodyKind);

/**
 * The route reads merge patches (RFC 7396), as `application/json` or `application/merge-patch+json`. A member that is
 * null reaches the DTO as null and means "remove this". On all other routes, null counts as absent.
 */
export const ReadsMergePatch = () => SetMetadata(BODY_KIND, 'merge-patch' satisfies BodyKind);

/**
 * The route reads `multipart/form-data` (RFC 7578). A field reaches the DTO as text, a file as {@link UploadedFile}.
 * Nothing is read before the guards have admitted the caller.
 *
 * @param limit maximum size of a body in bytes.
 */
export const ReadsMultipart = (limit: number) =>
  applyDecorators(SetMetadata(BODY_KIND, 'multipart' satisfies BodyKind), RouteConfig({ streamedBodyLimit: limit }));
