import { Controller, Get, HttpStatus, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProofOfPerson } from '../captcha/proof-of-person.service.js';
import { AppError } from '../common/errors/app-error.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { RequestTokens } from '../tokens/request-tokens.service.js';
import { FormRefused } from './form-refused.js';
import { PanelPages, TakesFormAndShows, WithoutFormToken } from './panel-page.decorator.js';
import { type View, view } from './view.js';
import { allowedFor } from './views/captcha.js';
import { PersonProvenPage, PersonQuestionPage, RequestTokenInvalidPage } from './views/request-token.js';

/**
 * The page of a request token (contract-2x §2, §3), which an app opens in a browser. Opening it validates nothing,
 * because link previews open links; its form does, once a person is proven. The form acts on the token in its URL alone,
 * so it needs no form token, and works without cookies.
 */
@PanelPages('anybody')
@LimitedBySource('requestTokenPages')
@Controller('creation_token/check/:token')
export class RequestTokenController {
  constructor(
    private readonly tokens: RequestTokens,
    private readonly proof: ProofOfPerson,
  ) {}

  @Get()
  async show(@Param('token') token: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<View> {
    switch (await this.tokens.stateOf(token)) {
      case 'open':
        return this.question(token);
      case 'validated':
        return view(PersonProvenPage, {});
      case 'ended':
        return invalid(reply);
    }
  }

  @TakesFormAndShows()
  @WithoutFormToken()
  async prove(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View> {
    const state = await this.tokens.stateOf(token);
    // A form that is sent twice is not checked again: a provider accepts each answer once.
    if (state === 'open') await this.check(token, request);
    const isValidated = state === 'validated' || (state === 'open' && (await this.tokens.validate(token)));
    return isValidated ? view(PersonProvenPage, {}) : invalid(reply);
  }

  private async check(token: string, { body }: FastifyRequest): Promise<void> {
    try {
      await this.proof.check({ subject: token, fields: (body ?? {}) as Record<string, unknown> });
    } catch (error) {
      throw error instanceof AppError ? new FormRefused(await this.question(token), error) : error;
    }
  }

  private async question(token: string): Promise<View> {
    const challenge = await this.proof.challenge(token);
    return view(PersonQuestionPage, { challenge }, allowedFor(challenge));
  }
}

function invalid(reply: FastifyReply): View {
  void reply.status(HttpStatus.NOT_FOUND);
  return view(RequestTokenInvalidPage, {});
}
