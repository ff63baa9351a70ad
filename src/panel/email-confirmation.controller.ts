import { Controller, Get, HttpStatus, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EmailChangeService, type EmailConfirmation } from '../accounts/email-change.service.js';
import { ACCOUNT_ID } from '../admin/account-id.pipe.js';
import { AcceptLanguage } from '../http/accept-language.decorator.js';
import { PanelPages, TakesFormAndShows, WithoutFormToken } from './panel-page.decorator.js';
import { type View, view } from './view.js';
import { EmailConfirmedPage, EmailLinkInvalidPage, EmailQuestionPage } from './views/email-confirmation.js';

interface LinkParameters {
  id: string;
  secret: string;
}

/**
 * The page that the link of an e-mail change opens (protocol §5). Opening it changes nothing, because mail scanners
 * open links; its button changes the address. The secret in the link is the proof, so the form needs no token.
 */
@PanelPages('anybody')
@Controller('account/email/:id/:secret')
export class EmailConfirmationController {
  constructor(private readonly emailChange: EmailChangeService) {}

  @Get()
  async show(@Param() parameters: LinkParameters, @Res({ passthrough: true }) reply: FastifyReply): Promise<View> {
    const account = await this.emailChange.find(toConfirmation(parameters));
    if (!account?.emailChange) return invalid(reply);
    return view(EmailQuestionPage, { account, newEmail: account.emailChange.newEmail });
  }

  @TakesFormAndShows()
  @WithoutFormToken()
  async confirm(
    @Param() parameters: LinkParameters,
    @Res({ passthrough: true }) reply: FastifyReply,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<View> {
    const account = await this.emailChange.confirm(toConfirmation(parameters), acceptLanguage);
    return account ? view(EmailConfirmedPage, { account }) : invalid(reply);
  }
}

function invalid(reply: FastifyReply): View {
  void reply.status(HttpStatus.NOT_FOUND);
  return view(EmailLinkInvalidPage, {});
}

/** An invalid id becomes 0, which no account has. */
function toConfirmation({ id, secret }: LinkParameters): EmailConfirmation {
  return { accountId: ACCOUNT_ID.test(id) ? Number(id) : 0, secret };
}
