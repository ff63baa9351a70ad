import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parse } from 'secure-json-parse';
import { headerValues } from './headers.js';
import { BadRequest, BodyNotJson, BodyNotObject, BodyTooLarge, BodyTypeUnsupported } from './http.errors.js';
import { routeMetadata } from './route-metadata.js';

/** The most bytes a request body may have (protocol §1). */
export const BODY_LIMIT = 65_536;

/**
 * Makes Fastify read bodies without looking at them.
 *
 * Fastify parses before a handler runs, and Nest's guards are part of the handler: a stranger would learn from a 400
 * or 415 what a route reads. So the bytes are only collected here, and {@link BodyGuard} understands them
 * once the other guards have let the caller in.
 */
export function collectBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses a malformed media type by itself, before the guards; `mediaTypeOf` reads the original.
    if ('content-type' in request.raw.headers) delete request.raw.headers['content-type'];
    done(Number(request.headers['content-length'] ?? 0) > BODY_LIMIT ? new BodyTooLarge() : undefined);
  });
}

/** Metadata: the bodies of the route are forms, as pages send them. */
export const FORM_BODY = 'http:form body';

/**
 * AttemptGate the collected bytes into the object they spell. Stands behind all other guards, and lets nobody pass whose bytes spell none.
 *
 * A guard and no interceptor, although it changes what it guards: one interceptor makes Nest call every route through Observables.
 */
@Injectable()
export class BodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const parseBody = routeMetadata<true>(FORM_BODY, context) ? parseFormBody : parseJsonBody;
    request.body = parseBody(request.body as Buffer | undefined, request);
    return true;
  }
}

/**
 * Parses a request body as protocol §1 defines it. Members that are `null` count as absent.
 *
 * @returns an empty object where there is no body, whatever the media type says.
 */
export function parseJsonBody(bytes: Buffer | undefined, request: FastifyRequest): Record<string, unknown> {
  if (bytes === undefined || bytes.length === 0) return {};
  if (mediaTypeOf(request) !== 'application/json') throw new BodyTypeUnsupported();
  const body = parseJson(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new BodyNotObject();
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

/**
 * Parses the body of a form (WHATWG URL, application/x-www-form-urlencoded). Fields left empty count as absent.
 *
 * @returns an empty object where there is no body.
 */
export function parseFormBody(bytes: Buffer | undefined, request: FastifyRequest): Record<string, unknown> {
  if (bytes === undefined || bytes.length === 0) return {};
  if (mediaTypeOf(request) !== 'application/x-www-form-urlencoded') throw new BodyTypeUnsupported();
  const fields = bytes.toString('latin1').split('&').map(fieldOf);
  return Object.fromEntries(fields.filter(([name, value]) => /^[a-z_]+$/.test(name) && value !== ''));
}

/** @throws BadRequest for what is not UTF-8: `URLSearchParams` would put other characters in its place, into a password too. */
function fieldOf(field: string): [name: string, value: string] {
  const [name = '', ...value] = field.split('=');
  return [decodeField(name), decodeField(value.join('='))];
}

function decodeField(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    throw new BadRequest();
  }
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
  const [header] = headerValues(request.raw, 'content-type');
  return header?.split(';', 1)[0]?.trim().toLowerCase();
}
