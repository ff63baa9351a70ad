import { Body, Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PanelSessions } from '../auth/sessions/panel-sessions.service.js';
import { sourceKey } from '../limits/source-key.js';
import { SignInForm } from './forms/sign-in.form.js';
import { PanelPages, TakesForm } from './panel-page.decorator.js';
import { SignInService } from './sign-in.service.js';
import { goTo, type Redirect, type View, view } from './view.js';
import { SignInPage } from './views/sign-in.js';

/** Sign-in and sign-out. */
@PanelPages('anybody')
@Controller('account')
export class SignInController {
  constructor(
    private readonly signIn: SignInService,
    private readonly sessions: PanelSessions,
  ) {}

  @Get('sign-in')
  show(): View {
    return view(SignInPage, {});
  }

  @TakesForm('sign-in', SignInPage)
  async enter(@Body() { sip = '', password = '' }: SignInForm, @Req() request: FastifyRequest): Promise<Redirect> {
    await this.sessions.open(request, await this.signIn.signIn(sip, password, sourceKey(request)));
    return goTo('');
  }

  @TakesForm('sign-out')
  async leave(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Redirect> {
    await this.sessions.close(request, reply);
    return goTo('sign-in', 'signedOut');
  }
}
