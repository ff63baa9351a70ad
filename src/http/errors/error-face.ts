import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../common/errors/app-error.js';

/** How one part of the service tells errors to those who use it: as pages, for example. The API has JSON. */
export interface ErrorFace {
  /** Whether it tells the errors of this request, by its path alone: errors are told for paths of no route, too. */
  isFor(request: FastifyRequest): boolean;
  /**
   * Answers with an error.
   *
   * @param thrown what was thrown in its place, which may carry more than the error itself.
   */
  answer(error: AppError, thrown: unknown, request: FastifyRequest, reply: FastifyReply): void;
}

/** The faces of the service besides the API. A module adds its own when it is created. */
@Injectable()
export class ErrorFaces {
  private readonly faces: ErrorFace[] = [];

  add(face: ErrorFace): void {
    this.faces.push(face);
  }

  /** Undefined for a request to the API, and to whatever belongs to nobody. */
  faceOf(request: FastifyRequest): ErrorFace | undefined {
    return this.faces.find((face) => face.isFor(request));
  }
}
