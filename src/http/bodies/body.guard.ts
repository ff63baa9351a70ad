import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BodyTypeUnsupported } from '../http.errors.js';
import { headerValues } from '../headers.js';
import { routeMetadata } from '../route-metadata.js';
import { type BodyKind, BODY_RULE, type BodyRule, MEDIA_TYPES } from './body-rules.js';
import { parseFormBody } from './parse-form.js';
import { parseJsonBody, parseMergePatch } from './parse-json.js';
import { parseMultipart } from './parse-multipart.js';

const PARSERS = {
  none: parseJsonBody,
  json: parseJsonBody,
  'merge-patch': parseMergePatch,
  form: parseFormBody,
} as const;

/**
 * Parses the collected bytes of a body into members. Runs after all other guards, and refuses bytes that cannot be
 * parsed.
 *
 * This is a guard and not an interceptor, although it changes the request: one interceptor makes Nest call every route
 * through Observables.
 */
@Injectable()
export class BodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): true | Promise<true> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const rule = routeMetadata<BodyRule>(BODY_RULE, context) ?? 'none';
    if (typeof rule === 'object') return this.readMultipart(request, rule.multipart);
    const bytes = request.body as Buffer | undefined;
    // A request without a body has no members, whatever its media type is.
    request.body = bytes === undefined || bytes.length === 0 ? {} : this.parse(bytes, rule, request);
    return true;
  }

  private parse(bytes: Buffer, rule: keyof typeof PARSERS, request: FastifyRequest): Record<string, unknown> {
    refuseOtherTypes(contentTypeOf(request), rule);
    return PARSERS[rule](bytes);
  }

  private async readMultipart(request: FastifyRequest, limit: number): Promise<true> {
    const contentType = contentTypeOf(request);
    refuseOtherTypes(contentType, 'multipart');
    request.body = await parseMultipart(request.raw, contentType, limit);
    return true;
  }
}

/** The raw header: Fastify gets another one (`collectBodies`). */
function contentTypeOf({ raw }: FastifyRequest): string {
  return headerValues(raw, 'content-type')[0] ?? '';
}

function refuseOtherTypes(contentType: string, kind: BodyKind): void {
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase();
  const accepted = MEDIA_TYPES[kind];
  if (!accepted.some((one) => one === mediaType)) throw new BodyTypeUnsupported(accepted);
}
