import { Controller, Get, HttpStatus, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { EmailChangeService, type EmailConfirmation } from '../accounts/email-change.service.js';
import type { Account } from '../accounts/entities/account.entity.js';
import { Public } from '../auth/decorators/access.decorators.js';
import { AcceptLanguage } from '../common/http/accept-language.decorator.js';
import { formatSip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { escapeHtml, renderPage } from './page.js';

interface LinkParameters {
  id: string;
  secret: string;
}

/** Only this page's own style; no script, no frame around it, forms to itself. */
const SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/**
 * The page behind the link of an e-mail change (contract §5). Opening it changes nothing, since mail scanners open
 * links: its button does. The secret in the link is all the proof there is, so the form needs no other token.
 */
@Public()
@ApiExcludeController()
@Controller('account/email/:id/:secret')
export class EmailConfirmationController {
  constructor(
    private readonly emailChange: EmailChangeService,
    private readonly settings: Settings,
  ) {}

  @Get()
  async show(@Param() parameters: LinkParameters, @Res() reply: FastifyReply): Promise<void> {
    const account = await this.emailChange.find(toConfirmation(parameters));
    if (!account?.emailChange) return this.sendInvalid(reply);
    const { newEmail } = account.emailChange;
    this.send(
      reply,
      HttpStatus.OK,
      'Confirm your mail address',
      `<p>Shall <strong>${escapeHtml(newEmail)}</strong> become the mail address of <strong>${escapeHtml(formatSip(account))}</strong>?</p>
<form method="post"><button type="submit">Confirm</button></form>`,
    );
  }

  @Post()
  async confirm(@Param() parameters: LinkParameters, @Res() reply: FastifyReply, @AcceptLanguage() acceptLanguage?: string): Promise<void> {
    const account = await this.emailChange.confirm(toConfirmation(parameters), acceptLanguage);
    if (!account) return this.sendInvalid(reply);
    this.sendConfirmed(reply, account);
  }

  private sendConfirmed(reply: FastifyReply, account: Account): void {
    const message = `<p><strong>${escapeHtml(account.email ?? '')}</strong> is now the mail address of <strong>${escapeHtml(formatSip(account))}</strong>.</p>`;
    this.send(reply, HttpStatus.OK, 'Your mail address is confirmed', message);
  }

  private sendInvalid(reply: FastifyReply): void {
    const message = '<p>It was used already, has expired, or was replaced by a newer one. You can ask for a new mail in your app.</p>';
    this.send(reply, HttpStatus.NOT_FOUND, 'This link is not valid', message);
  }

  private send(reply: FastifyReply, status: HttpStatus, title: string, body: string): void {
    void reply
      .status(status)
      .header('content-security-policy', SECURITY_POLICY)
      .type('text/html; charset=utf-8')
      .send(renderPage(this.settings.appName, title, body));
  }
}

/** An id that is none finds no account, like one that nobody has. */
function toConfirmation({ id, secret }: LinkParameters): EmailConfirmation {
  return { accountId: /^[1-9][0-9]{0,9}$/.test(id) ? Number(id) : 0, secret };
}
