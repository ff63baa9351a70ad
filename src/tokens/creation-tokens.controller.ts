import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { Done } from '../http/done.dto.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { LimitsUnavailable } from '../limits/limits.errors.js';
import { CreationTokens } from './creation-tokens.service.js';
import { CreateTokenDto } from './dto/create-token.dto.js';
import { DrawnTokenDto } from './dto/creation-token.dto.js';
import { UseRequestTokenDto } from './dto/request-token.dto.js';
import { RequestTokens } from './request-tokens.service.js';
import { TokenPushes } from './token-pushes.service.js';
import { PushNotDelivered, RequestTokenNotValidated, TokenInvalid } from './tokens.errors.js';

/** Account creation tokens, as the apps of 2022 and later ask for them (contract-2x §2). */
@Controller('api/account_creation_tokens')
export class CreationTokensController {
  constructor(
    private readonly pushes: TokenPushes,
    private readonly tokens: CreationTokens,
    private readonly requestTokens: RequestTokens,
  ) {}

  /**
   * Sends an account creation token to a device, by push notification. A token that is unused, or whose account is not
   * activated yet, is sent again. 429 if the device has created an account within an hour that is activated.
   */
  @Post('send-by-push')
  @HttpCode(200)
  @LimitedBySource('creationTokenPushes')
  @Access('anybody', { body: 'json', errors: [new PushNotDelivered(), new LimitsUnavailable()] })
  async sendByPush(@Body() body: CreateTokenDto): Promise<Done> {
    await this.pushes.sendOrRepeat(CreateTokenDto.toPushTarget(body));
    return new Done();
  }

  /**
   * Exchanges a request token for an account creation token, once a person was proven on its page. 404 until then: an app
   * asks again every two seconds. The answer can be asked for again within a minute, while the account creation token is
   * not used.
   */
  @Post('using-account-creation-request-token')
  @LimitedBySource('usingRequestTokens')
  @Access('anybody', {
    body: 'json',
    errors: [new RequestTokenNotValidated(), new TokenInvalid('account_creation_request_token')],
  })
  async useRequestToken(@Body() body: UseRequestTokenDto): Promise<DrawnTokenDto> {
    return DrawnTokenDto.from(await this.requestTokens.exchange(body.account_creation_request_token));
  }

  /** Draws an account creation token for somebody that the administrator invites. It is valid for seven days. */
  @Post()
  @Access('admin', { body: 'none' })
  async invite(): Promise<DrawnTokenDto> {
    return DrawnTokenDto.from(await this.tokens.invite());
  }
}
