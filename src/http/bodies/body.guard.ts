import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { headerValues } from '../headers.js';
import { routeMetadata } from '../route-metadata.js';
import { BODY_KIND, type BodyKind } from './body-rules.js';
import { parseFormBody } from './parse-form.js';
import { parseJsonBody, parseMergePatch } from './parse-json.js';
import { parseMultipart } from './parse-multipart.js';

const PARSERS = { json: parseJsonBody, 'merge-patch': parseMergePatch, form: parseFormBody } as const;

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
    const kind = routeMetadata<BodyKind>(BODY_KIND, context) ?? 'json';
    if (kind === 'multipart') return this.readMultipart(request);
    const bytes = request.body as Buffer | undefined;
    // A request without a body has no members, whatever its media type is.
    request.body = bytes === undefined || bytes.length === 0 ? {} : PARSERS[kind](bytes, mediaTypeOf(request));
    return true;
  }

  private async readMultipart(request: FastifyRequest): Promise<true> {
    const [contentType] = headerValues(request.raw, 'content-type');
    request.body = await parseMultipart(request.raw, contentType, request.routeOptions.bodyLimit);
    return true;
  }
}

function mediaTypeOf({ raw }: FastifyRequest): string | undefined {
  const [header] = headerValues(raw, 'content-type');
  return header?.split(';', 1)[0]?.trim().toLowerCase();
}
