import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { parse } from 'secure-json-parse';
import { BodyNotJson, BodyNotObject, BodyTooLarge, BodyTypeUnsupported } from './http.errors.js';

/** The most bytes a request body may have (contract §1). */
export const BODY_LIMIT = 65_536;

/**
 * Makes Fastify read bodies without looking at them.
 *
 * Fastify parses before a handler runs, and Nest's guards are part of the handler: a stranger would learn from a 400
 * or 415 what a route reads. So the bytes are only collected here, and {@link BodyInterceptor} understands them
 * once the guards have let the caller in.
 */
export function collectBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses a malformed media type by itself, before the guards; `mediaTypeOf` reads the original.
    delete request.raw.headers['content-type'];
    done(Number(request.headers['content-length'] ?? 0) > BODY_LIMIT ? new BodyTooLarge() : undefined);
  });
}

/** Metadata: the bodies of the route are forms, as pages send them. */
export const FORM_BODY = 'http:form body';

/** Turns the collected bytes into the object they spell, after the guards and before validation. */
@Injectable()
export class BodyInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const isForm = this.reflector.getAllAndOverride<boolean>(FORM_BODY, [context.getHandler(), context.getClass()]);
    const parseBody = isForm ? parseFormBody : parseJsonBody;
    request.body = parseBody(request.body as Buffer | undefined, mediaTypeOf(request));
    return next.handle();
  }
}

/**
 * Parses a request body as contract §1 defines it. Members that are `null` count as absent.
 *
 * @returns an empty object where there is no body, whatever the media type says.
 */
export function parseJsonBody(bytes: Buffer | undefined, mediaType: string | undefined): Record<string, unknown> {
  if (bytes === undefined || bytes.length === 0) return {};
  if (mediaType !== 'application/json') throw new BodyTypeUnsupported();
  const body = parseJson(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new BodyNotObject();
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

/**
 * Parses the body of a form (WHATWG URL, application/x-www-form-urlencoded). Fields left empty count as absent.
 *
 * @returns an empty object where there is no body.
 */
export function parseFormBody(bytes: Buffer | undefined, mediaType: string | undefined): Record<string, unknown> {
  if (bytes === undefined || bytes.length === 0) return {};
  if (mediaType !== 'application/x-www-form-urlencoded') throw new BodyTypeUnsupported();
  const fields = [...new URLSearchParams(bytes.toString())].filter(([name, value]) => /^[a-z_]+$/.test(name) && value !== '');
  return Object.fromEntries(fields);
}

function parseJson(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return parse(text, { protoAction: 'remove', constructorAction: 'remove' });
  } catch {
    throw new BodyNotJson();
  }
}

function mediaTypeOf(request: FastifyRequest): string | undefined {
  const [header] = request.raw.headersDistinct['content-type'] ?? [];
  return header?.split(';', 1)[0]?.trim().toLowerCase();
}
