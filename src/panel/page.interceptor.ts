import { type CallHandler, type ExecutionContext, HttpStatus, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ComponentType } from 'preact';
import { catchError, map, type Observable, throwError } from 'rxjs';
import { AppError } from '../common/errors/app-error.js';
import { routeMetadata } from '../http/route-metadata.js';
import { FORM_PAGE, FormRefused, WITHOUT_TOKEN } from './form-refused.js';
import { FormTokens } from './form-tokens.js';
import { Pages } from './pages.service.js';
import { type Redirect, type View, view } from './view.js';

/** Checks the token of forms, and renders the views that routes of the panel return. */
@Injectable()
export class PageInterceptor implements NestInterceptor<View | Redirect, unknown> {
  constructor(
    private readonly pages: Pages,
    private readonly formTokens: FormTokens,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<View | Redirect>): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (request.method === 'POST' && !routeMetadata<boolean>(WITHOUT_TOKEN, context)) this.formTokens.check(request);
    const formPage = routeMetadata<ComponentType<object>>(FORM_PAGE, context);
    return next.handle().pipe(
      catchError((error: unknown) =>
        throwError(() => (formPage && error instanceof AppError ? new FormRefused(view(formPage, {}), error) : error)),
      ),
      map((answer) =>
        'url' in answer
          ? { url: `${this.pages.base}${answer.url}`, statusCode: HttpStatus.SEE_OTHER }
          : this.pages.render(answer, request, reply),
      ),
    );
  }
}
