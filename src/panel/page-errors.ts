import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignInRequired } from '../auth/auth.errors.js';
import type { AppError } from '../common/errors/app-error.js';
import { type ErrorFace, ErrorFaces } from '../http/errors/error-face.js';
import { isPageTarget } from '../http/page-targets.js';
import { FormRefused } from './form-refused.js';
import { Pages } from './pages.service.js';
import { problemsOf } from './problems.js';
import { textsFor } from './texts/index.js';
import { view } from './view.js';
import { ProblemPage } from './views/problem.js';

/** Answers errors of pages with a page. Redirects a visitor who is not signed in to the sign-in page. */
@Injectable()
export class PageErrors implements ErrorFace {
  constructor(
    private readonly pages: Pages,
    faces: ErrorFaces,
  ) {
    faces.add(this);
  }

  isFor({ url }: FastifyRequest): boolean {
    return isPageTarget(url);
  }

  answer(error: AppError, thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const isPage = request.method === 'GET' || request.method === 'HEAD';
    // A submitted form is not redirected: its input is lost, and the page says so.
    if (error instanceof SignInRequired && isPage) return void reply.redirect(`${this.pages.base}/sign-in`, 303);
    if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter);
    const page = thrown instanceof FormRefused ? thrown.page : view(ProblemPage, {});
    const problems = problemsOf(error, textsFor(request.headers['accept-language']));
    void reply.status(error.status).send(this.pages.render(page, request, reply, problems));
  }
}
