import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorClassOf } from '../../database/dialect.js';
import { countFromZero, Metrics } from '../../metrics/metrics.service.js';
import { BadRequest, BODY_LIMIT, BodyTooLarge, BodyTypeUnsupported, RouteNotFound } from '../http.errors.js';
import { AppError } from '../../common/errors/app-error.js';
import { ErrorBody } from './error-body.dto.js';
import { ErrorFaces } from './error-face.js';
import { errorStatuses } from '../../common/errors/error-codes.js';

/** A fault of the service, reported without internals. The request id leads to the log. */
export class InternalError extends AppError {
  readonly code = 'internal_error';

  constructor(requestId: string) {
    super(`Something went wrong on our side. Please try again later; the reference is ${requestId}.`);
  }
}

/** The database does not answer, or cannot at the moment. */
export class DatabaseNotAnswering extends AppError {
  readonly code = 'database_unavailable';
  override readonly retryAfter = 5;

  constructor() {
    super('The service is temporarily unavailable. Please try again in a moment.');
  }
}

/**
 * Turns any thrown value into an answer: JSON (protocol §1), or what the face of the request shows. Logs faults that
 * the caller did not cause.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  constructor(
    private readonly metrics: Metrics,
    private readonly faces: ErrorFaces,
  ) {
    countFromZero(metrics.errors, 'code', Object.keys(errorStatuses));
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const error = this.toAppError(thrown, request.id);
    this.metrics.errors.inc({ code: error.code });
    const reply = http.getResponse<FastifyReply>();
    const face = this.faces.faceOf(request);
    if (face) face.answer(error, thrown, request, reply);
    else sendError(reply, error);
  }

  private toAppError(thrown: unknown, requestId: string): AppError {
    if (thrown instanceof AppError) return thrown;
    if (thrown instanceof Error && thrown.cause instanceof AppError) return thrown.cause;
    const status = statusOf(thrown);
    if (status !== undefined && status < 500) return refusalOf(status);
    if (errorClassOf(thrown) !== null) {
      this.logger.error(`The database is not available: ${(thrown as Error).message}`);
      return new DatabaseNotAnswering();
    }
    this.logger.error(thrown instanceof Error ? thrown : new Error(String(thrown)));
    return new InternalError(requestId);
  }
}

/** Answers with an error as JSON. All error bodies of routes are written here. */
export function sendError(reply: FastifyReply, error: AppError): void {
  if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter);
  void reply
    .status(error.status)
    .type('application/json')
    // Bytes, since Fastify appends a charset to the type of text. An answer of the router passes no hook that corrects
    // the type.
    .send(Buffer.from(JSON.stringify(ErrorBody.from(error))));
}

/** The HTTP status that Nest or Fastify chose for an error of their own. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const { statusCode } = thrown as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}

/** The error for a request that Nest or Fastify refuses before any code of ours sees it. */
export function refusalOf(status: number): AppError {
  if (status === 413) return new BodyTooLarge(BODY_LIMIT);
  if (status === 415) return new BodyTypeUnsupported();
  // 414: a target that is too long for the router names no route.
  if (status === 404 || status === 414) return new RouteNotFound();
  return new BadRequest();
}
