import { Body, Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountsService } from '../accounts/accounts.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { PasswordsService } from '../accounts/passwords.service.js';
import { AdminRightsService } from '../admin/admin-rights.service.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { PanelSessions } from '../auth/sessions/panel-sessions.service.js';
import { AcceptLanguage } from '../http/accept-language.decorator.js';
import { ValidationFailed } from '../common/errors/app-error.js';
import { formatSip, parseTypedSip } from '../common/sip/sip-address.js';
import { DeletionForm } from './forms/deletion.form.js';
import { PasswordForm } from './forms/password.form.js';
import { PanelPages, TakesForm } from './panel-page.decorator.js';
import { goTo, type Redirect, type View, view } from './view.js';
import {
  DeletionConfirmPage,
  DeletionPage,
  DeletionRefusedPage,
  OverviewPage,
  PasswordPage,
} from './views/own-account.js';

/** Pages about the own account: overview, password, deletion. */
@PanelPages('user')
@Controller('account')
export class OwnAccountController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly passwords: PasswordsService,
    private readonly rights: AdminRightsService,
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

  /** Ends all other sessions of the account, because they were opened with the old password. */
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
  async askForDeletion(@CurrentAccount() account: Account): Promise<View> {
    return view(DeletionPage, { isLastAdministrator: await this.rights.isLastAdministrator(account) });
  }

  @Get('delete/confirm')
  async askAgainForDeletion(@CurrentAccount() account: Account): Promise<View> {
    return view(DeletionConfirmPage, { isLastAdministrator: await this.rights.isLastAdministrator(account) });
  }

  @TakesForm('delete', DeletionRefusedPage)
  async remove(
    @CurrentAccount() account: Account,
    @Body() { sip }: DeletionForm,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Redirect> {
    const address = parseTypedSip(sip);
    if (!address || formatSip(address) !== formatSip(account))
      throw new ValidationFailed({ sip: ['sip must be the SIP address of the account'] });
    await this.accounts.remove(account.id);
    await this.sessions.close(request, reply);
    return goTo('sign-in', 'deleted');
  }
}
