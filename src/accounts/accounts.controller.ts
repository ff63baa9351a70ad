import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { AccountBlocked } from '../auth/auth.errors.js';
import { Access } from '../auth/decorators/access.decorator.js';
import { ValidationFailed } from '../common/errors/app-error.js';
import { AcceptLanguage } from '../http/accept-language.decorator.js';
import type { SipAddress } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { LimitedBySource, LimitedByTarget } from '../limits/limited.decorator.js';
import { LimitsUnavailable } from '../limits/limits.errors.js';
import { TokenInvalid } from '../tokens/tokens.errors.js';
import type { Source } from './account-creation.service.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import {
  ActivationCodeWrong,
  ActivationExpired,
  MailNotDelivered,
  PhoneTaken,
  SmsNotDelivered,
  UsernameTaken,
} from './accounts.errors.js';
import { ActivationService } from './activation.service.js';
import { CurrentSource } from './current-source.decorator.js';
import { AccountDto } from './dto/account.dto.js';
import { AccountInfoDto } from './dto/account-info.dto.js';
import { EmailActivationDto, PhoneCodeDto } from './dto/activation-code.dto.js';
import { CreateWithCreationTokenDto } from './dto/create-with-creation-token.dto.js';
import { CreateWithTokenDto } from './dto/create-with-token.dto.js';
import { RegistrationService } from './registration.service.js';
import { TokenSignUpService } from './token-sign-up.service.js';
import { SipAddressPipe } from './sip-address.pipe.js';

const ApiSip = () =>
  ApiParam({
    name: 'sip',
    description: 'The SIP address as `user@domain`, without `sip:`.',
    schema: { type: 'string', example: 'johndoe@sip.example.org' },
  });

const activationErrors = [
  new AccountNotFound(),
  new AccountBlocked(),
  new ActivationCodeWrong(),
  new ActivationExpired(),
  new PhoneTaken(),
];

/** The public routes for accounts (protocol §4). */
@Controller('api/accounts')
export class AccountsController {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly registration: RegistrationService,
    private readonly tokenSignUp: TokenSignUpService,
    private readonly activation: ActivationService,
    private readonly settings: Settings,
  ) {}

  /** Creates an account with a token that was pushed to the device. The account is not activated yet. */
  @Post('with-token')
  @HttpCode(200)
  @LimitedBySource('withToken')
  @Access('anybody', {
    body: 'json',
    errors: [
      new TokenInvalid(),
      new UsernameTaken(),
      new PhoneTaken(),
      new MailNotDelivered(),
      new SmsNotDelivered(),
      new LimitsUnavailable(),
    ],
  })
  async createWithToken(
    @Body() body: CreateWithTokenDto,
    @CurrentSource() source: Source,
    @AcceptLanguage() acceptLanguage?: string,
  ): Promise<AccountDto> {
    if (body.email && body.phone) {
      throw new ValidationFailed({
        email: ['email cannot be combined with phone'],
        phone: ['phone cannot be combined with email'],
      });
    }
    const account = await this.registration.register(
      { ...body, domain: body.domain ?? this.settings.sipDomains[0], acceptLanguage },
      source,
    );
    return this.show(account);
  }

  /**
   * Creates an account with an account creation token, for an app of 2022 or later. The account is not activated yet. It
   * may call `me/phone/request` or `me/email/request`, and is activated by the code that it receives. A repeated call with
   * the same token replaces an account that was never activated.
   */
  @Post('with-account-creation-token')
  @HttpCode(200)
  @LimitedBySource('withCreationToken')
  @Access('anybody', {
    body: 'json',
    errors: [new TokenInvalid('account_creation_token'), new UsernameTaken(), new LimitsUnavailable()],
  })
  async createWithCreationToken(
    @Body() body: CreateWithCreationTokenDto,
    @CurrentSource() source: Source,
  ): Promise<AccountDto> {
    const { username, password, account_creation_token: token, dtmf_protocol: dtmfProtocol } = body;
    const { domain = this.settings.sipDomains[0], algorithm = this.settings.defaultAlgorithm } = body;
    return this.show(
      await this.tokenSignUp.signUp({ username, domain, password, algorithm, dtmfProtocol, token }, source),
    );
  }

  /** Whether an account exists and is activated. */
  @Get(':sip/info')
  @LimitedBySource('info')
  @ApiSip()
  @Access('anybody', { parameters: true, errors: [new AccountNotFound()] })
  async info(@Param('sip', SipAddressPipe) sip: SipAddress): Promise<AccountInfoDto> {
    const activated = await this.accounts.isActivated(sip);
    if (activated === null) throw new AccountNotFound();
    return { activated, realm: this.settings.realm };
  }

  /** Activates an account with the code from its e-mail. After 10 failures in an hour the address is refused. */
  @Post(':sip/activate/email')
  @HttpCode(200)
  @LimitedBySource('activations')
  @LimitedByTarget('failedActivations')
  @ApiSip()
  @Access('anybody', { body: 'json', parameters: true, errors: activationErrors })
  async activateByEmail(
    @Param('sip', SipAddressPipe) sip: SipAddress,
    @Body() { code }: EmailActivationDto,
  ): Promise<AccountDto> {
    return this.show(await this.activation.activateByCode(sip, code));
  }

  /** Activates an account with the code from its SMS. After 10 failures in an hour the address is refused. */
  @Post(':sip/activate/phone')
  @HttpCode(200)
  @LimitedBySource('activations')
  @LimitedByTarget('failedActivations')
  @ApiSip()
  @Access('anybody', { body: 'json', parameters: true, errors: activationErrors })
  async activateByPhone(
    @Param('sip', SipAddressPipe) sip: SipAddress,
    @Body() { code }: PhoneCodeDto,
  ): Promise<AccountDto> {
    return this.show(await this.activation.activateByCode(sip, code));
  }

  private show(account: Parameters<typeof AccountDto.from>[0]): AccountDto {
    return AccountDto.from(account, this.settings.realm);
  }
}
