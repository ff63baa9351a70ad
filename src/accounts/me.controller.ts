import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { AcceptLanguage } from '../http/accept-language.decorator.js';
import { Done } from '../http/done.dto.js';
import { Settings } from '../config/settings.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { LimitsUnavailable } from '../limits/limits.errors.js';
import {
  EmailUnchanged,
  MailNotDelivered,
  OldPasswordWrong,
  PhoneCodeExpired,
  PhoneCodeNotRequested,
  PhoneCodeWrong,
  PhoneTaken,
  SmsNotDelivered,
} from './accounts.errors.js';
import { AccountsService } from './accounts.service.js';
import { AccountDto } from './dto/account.dto.js';
import { PhoneCodeDto } from './dto/activation-code.dto.js';
import { EmailRequestDto, PasswordChangeDto, PhoneRequestDto } from './dto/change-requests.dto.js';
import { EmailChangeService } from './email-change.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { PasswordsService } from './passwords.service.js';
import { PhoneChangeService } from './phone-change.service.js';

/** The routes of an account for itself (protocol §5). */
@Controller('api/accounts/me')
export class MeController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly passwords: PasswordsService,
    private readonly emailChange: EmailChangeService,
    private readonly phoneChange: PhoneChangeService,
    private readonly settings: Settings,
  ) {}

  /** The calling account. */
  @Get()
  @Access('user')
  show(@CurrentAccount() account: Account): AccountDto {
    return AccountDto.from(account, this.settings.realm);
  }

  /** Deletes the calling account and everything that belongs to it. The last administrator can be deleted too. */
  @Delete()
  @Access('user', { body: 'none' })
  async remove(@CurrentAccount() account: Account): Promise<Done> {
    await this.accounts.remove(account.id);
    return new Done();
  }

  /** Sends a link to a new e-mail address. The address becomes the account's when its owner confirms it. */
  @Post('email/request')
  @HttpCode(200)
  @LimitedBySource('emailRequests')
  @Access('user', { body: 'json', errors: [new EmailUnchanged(), new MailNotDelivered(), new LimitsUnavailable()] })
  async requestEmail(
    @CurrentAccount() account: Account,
    @Body() { email }: EmailRequestDto,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<Done> {
    await this.emailChange.request(account, email, acceptLanguage);
    return new Done();
  }

  /** Replaces all passwords of the account with one new password. */
  @Post('password')
  @HttpCode(200)
  @Access('user', { body: 'json', errors: [new OldPasswordWrong()] })
  async changePassword(
    @CurrentAccount() account: Account,
    @Body() { algorithm, password, old_password: oldPassword }: PasswordChangeDto,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<Done> {
    await this.passwords.change(account, { algorithm, password, oldPassword, acceptLanguage });
    return new Done();
  }

  /** Sends a code to a new phone number. */
  @Post('phone/request')
  @HttpCode(200)
  @LimitedBySource('phoneRequests')
  @Access('user', { body: 'json', errors: [new PhoneTaken(), new SmsNotDelivered(), new LimitsUnavailable()] })
  async requestPhone(
    @CurrentAccount() account: Account,
    @Body() { phone }: PhoneRequestDto,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<Done> {
    await this.phoneChange.request(account, phone, acceptLanguage);
    return new Done();
  }

  /** Confirms the new phone number with the code that was sent to it. Each code can be tried once. */
  @Post('phone')
  @HttpCode(200)
  @Access('user', {
    body: 'json',
    errors: [
      new PhoneCodeWrong(),
      new PhoneCodeExpired(),
      new PhoneCodeNotRequested(),
      new PhoneTaken(),
      new LimitsUnavailable(),
    ],
  })
  async confirmPhone(@CurrentAccount() account: Account, @Body() { code }: PhoneCodeDto): Promise<AccountDto> {
    return AccountDto.from(await this.phoneChange.confirm(account.id, code), this.settings.realm);
  }
}
