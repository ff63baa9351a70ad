import { Body, Controller, Get } from '@nestjs/common';
import { PhoneCodeDto } from '../accounts/dto/activation-code.dto.js';
import { EmailRequestDto, PhoneRequestDto } from '../accounts/dto/change-requests.dto.js';
import { EmailChangeService } from '../accounts/email-change.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { PhoneChangeService } from '../accounts/phone-change.service.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { AcceptLanguage } from '../http/accept-language.decorator.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { PanelPages, TakesForm } from './panel-page.decorator.js';
import { goTo, type Redirect, type View, view } from './view.js';
import { EmailPage, PhoneCodePage, PhonePage } from './views/own-account.js';

/** Pages for the e-mail address and the phone number of an account. */
@PanelPages('user')
@Controller('account')
export class ContactController {
  constructor(
    private readonly emailChange: EmailChangeService,
    private readonly phoneChange: PhoneChangeService,
  ) {}

  @Get('email')
  showEmail(): View {
    return view(EmailPage, {});
  }

  @TakesForm('email', EmailPage)
  @LimitedBySource('emailRequests')
  async requestEmail(
    @CurrentAccount() account: Account,
    @Body() { email }: EmailRequestDto,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<Redirect> {
    await this.emailChange.request(account, email, acceptLanguage);
    return goTo('', 'email');
  }

  @Get('phone')
  showPhone(): View {
    return view(PhonePage, {});
  }

  @TakesForm('phone', PhonePage)
  @LimitedBySource('phoneRequests')
  async requestPhone(
    @CurrentAccount() account: Account,
    @Body() { phone }: PhoneRequestDto,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<Redirect> {
    await this.phoneChange.request(account, phone, acceptLanguage);
    return goTo('phone/code', 'code');
  }

  @Get('phone/code')
  showPhoneCode(): View {
    return view(PhoneCodePage, {});
  }

  @TakesForm('phone/code', PhoneCodePage)
  async confirmPhone(@CurrentAccount() account: Account, @Body() { code }: PhoneCodeDto): Promise<Redirect> {
    await this.phoneChange.confirm(account, code);
    return goTo('', 'phone');
  }
}
