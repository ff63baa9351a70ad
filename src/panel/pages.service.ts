import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Settings } from '../config/settings.js';
import { FormTokens, TOKEN_FIELD } from './form-tokens.js';
import { PageContext } from './page.js';
import { NO_PROBLEMS, type Problems } from './problems.js';
import { securityPolicy } from './security-policy.js';
import { type Texts, textsFor } from './texts/index.js';
import type { View } from './view.js';

/** Renders views as HTML pages. */
@Injectable()
export class Pages {
  constructor(
    private readonly settings: Settings,
    private readonly formTokens: FormTokens,
  ) {}

  /** The path of the panel in the browser. */
  get base(): string {
    return `${this.settings.publicPath}/account`;
  }

  /**
   * Renders a view as HTML in the language of the request, and sets the headers of the response.
   *
   * @param problems why the form on the page was rejected.
   */
  render(view: View, request: FastifyRequest, reply: FastifyReply, problems: Problems = NO_PROBLEMS): string {
    const texts = textsFor(request.headers['accept-language']);
    let token: string | undefined;
    const formToken = () => (token ??= this.formTokens.issue(request, reply));
    const page = {
      appName: this.settings.appName,
      defaultDomain: this.settings.sipDomains[0],
      base: this.base,
      path: request.url.split('?', 1)[0] ?? '',
      texts,
      caller: request.caller ?? null,
      formToken,
      done: doneOf(request, texts),
      problems,
      values: valuesOf(request),
    };
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', securityPolicy(view.allowed))
      .header('vary', 'Accept-Language')
      .header('content-language', texts.language);
    return `<!doctype html>${renderToString(h(PageContext.Provider, { value: page }, h(view.component, view.properties)))}`;
  }
}

function doneOf({ query }: FastifyRequest, { done }: Texts): string | null {
  const { done: name } = query as Record<string, unknown>;
  return typeof name === 'string' && Object.hasOwn(done, name) ? done[name as keyof Texts['done']] : null;
}

/** The values that were entered into a form that is shown again. Password fields are never filled. */
function valuesOf({ body }: FastifyRequest): Record<string, string> {
  if (typeof body !== 'object' || body === null || Buffer.isBuffer(body)) return {};
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => name !== TOKEN_FIELD && typeof value === 'string'),
  );
}
