import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { AcceptLanguage } from '../http/accept-language.decorator.js';
import { Done } from '../http/done.dto.js';
import { Settings } from '../config/settings.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { LimitsUnavailable } from '../limits/limits.errors.js';
import {
  EmailCodeExpired,
  EmailCodeNotRequested,
  EmailCodeWrong,
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
import { EmailCodeDto, PhoneCodeDto } from './dto/activation-code.dto.js';
import { EmailRequestDto, PasswordChangeDto, PhoneRequestDto } from './dto/change-requests.dto.js';
import { EmailChangeService } from './email-change.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { PasswordsService } from './passwords.service.js';
import { ShowsAccount } from './shows-account.decorator.js';
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
  @ShowsAccount(AccountDto)
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

  /**
   * Sends a mail with a link and a code of 4 digits to a new e-mail address. The address becomes the account's when its
   * owner opens the link, or sends the code to `me/email`.
   */
  @Post('email/request')
  @HttpCode(200)
  @LimitedBySource('emailRequests')
  @Access('user', {
    body: 'json',
    beforeActivation: 'with-creation-token',
    errors: [new EmailUnchanged(), new MailNotDelivered(), new LimitsUnavailable()],
  })
  async requestEmail(
    @CurrentAccount() account: Account,
    @Body() { email }: EmailRequestDto,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<Done> {
    await this.emailChange.request(account, email, acceptLanguage);
    return new Done();
  }

  /**
   * Confirms the new e-mail address with the code from the mail. Each code has three tries. An account that an app has
   * created with an account creation token is activated.
   */
  @Post('email')
  @HttpCode(200)
  @Access('user', {
    body: 'json',
    beforeActivation: 'with-creation-token',
    errors: [new EmailCodeWrong(), new EmailCodeExpired(), new EmailCodeNotRequested(), new LimitsUnavailable()],
  })
  async confirmEmail(
    @CurrentAccount() account: Account,
    @Body() { code }: EmailCodeDto,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<AccountDto> {
    return AccountDto.from(await this.emailChange.confirmByCode(account, code, acceptLanguage), this.settings.realm);
  }

  /**
   * Replaces all passwords of the account with one new password. Without an algorithm, it is stored for all algorithms
   * that the account has.
   */
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
  @Access('user', {
    body: 'json',
    beforeActivation: 'with-creation-token',
    errors: [new PhoneTaken(), new SmsNotDelivered(), new LimitsUnavailable()],
  })
  async requestPhone(
    @CurrentAccount() account: Account,
    @Body() { phone }: PhoneRequestDto,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<Done> {
    await this.phoneChange.request(account, phone, acceptLanguage);
    return new Done();
  }

  /**
   * Confirms the new phone number with the code that was sent to it. Each code has three tries. An account that an app has
   * created with an account creation token is activated.
   */
  @Post('phone')
  @HttpCode(200)
  @Access('user', {
    body: 'json',
    beforeActivation: 'with-creation-token',
    errors: [
      new PhoneCodeWrong(),
      new PhoneCodeExpired(),
      new PhoneCodeNotRequested(),
      new PhoneTaken(),
      new LimitsUnavailable(),
    ],
  })
  async confirmPhone(@CurrentAccount() account: Account, @Body() { code }: PhoneCodeDto): Promise<AccountDto> {
    return AccountDto.from(await this.phoneChange.confirm(account, code), this.settings.realm);
  }
}
