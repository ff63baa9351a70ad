import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../common/errors/app-error.js';

/** How one part of the service shows errors to its users, for example as pages. The API answers with JSON. */
export interface ErrorFace {
  /**
   * Whether this face answers the errors of a request. The path alone decides: a path without a route has errors too.
   */
  isFor(request: FastifyRequest): boolean;
  /**
   * Answers with an error.
   *
   * @param thrown the value that was thrown, which may carry more than `error`.
   */
  answer(error: AppError, thrown: unknown, request: FastifyRequest, reply: FastifyReply): void;
}

/** The error faces besides the API. A module adds its own face when it is created. */
@Injectable()
export class ErrorFaces {
  private readonly faces: ErrorFace[] = [];

  add(face: ErrorFace): void {
    this.faces.push(face);
  }

  /** Undefined for a request to the API, and for a path that belongs to no face. */
  faceOf(request: FastifyRequest): ErrorFace | undefined {
    return this.faces.find((face) => face.isFor(request));
  }
}
