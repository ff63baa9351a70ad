import { Body, Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountsService } from '../accounts/accounts.service.js';
import type { Account } from '../accounts/entities/account.entity.js';
import { PasswordsService } from '../accounts/passwords.service.js';
import { SignedIn } from '../auth/decorators/access.decorators.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { PanelSessions } from '../auth/sessions/panel-sessions.service.js';
import { AcceptLanguage } from '../common/http/accept-language.decorator.js';
import { ValidationFailed } from '../common/errors/app-error.js';
import { formatSip } from '../common/sip/sip-address.js';
import { DeletionForm } from './forms/deletion.form.js';
import { PasswordForm } from './forms/password.form.js';
import { PanelPages, TakesForm } from './panel-page.decorator.js';
import { goTo, type Redirect, type View, view } from './view.js';
import { DeletionConfirmPage, DeletionPage, OverviewPage, PasswordPage } from './views/own-account.js';

/** What people see of their account, its password and its end. */
@SignedIn()
@PanelPages()
@Controller('account')
export class OwnAccountController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly passwords: PasswordsService,
    private readonly sessions: PanelSessions,
  ) {}

  @Get()
  show(): View {
    return view(OverviewPage, {});
  }

  @Get('password')
  showPassword(): View {
    return view(PasswordPage, {});
  }

  /** Ends all other sessions of the account: they were opened with the old password. */
  @TakesForm('password', PasswordPage)
  async changePassword(
    @CurrentAccount() account: Account,
    @Body() { algorithm, password, old_password: oldPassword }: PasswordForm,
    @Req() request: FastifyRequest,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<Redirect> {
    await this.passwords.change(account, { algorithm, password, oldPassword, acceptLanguage });
    await this.sessions.renew(request, account.id);
    return goTo('', 'password');
  }

  @Get('delete')
  askForDeletion(): View {
    return view(DeletionPage, {});
  }

  @Get('delete/confirm')
  askAgainForDeletion(): View {
    return view(DeletionConfirmPage, {});
  }

  @TakesForm('delete', DeletionConfirmPage)
  async remove(
    @CurrentAccount() account: Account,
    @Body() { sip }: DeletionForm,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Redirect> {
    if (sip.trim() !== formatSip(account)) throw new ValidationFailed({ sip: ['sip must be that of the account'] });
    await this.accounts.remove(account.id);
    await this.sessions.close(request, reply);
    return goTo('sign-in', 'deleted');
  }
}
