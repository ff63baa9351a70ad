import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { Done } from '../http/done.dto.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { LimitsUnavailable } from '../limits/limits.errors.js';
import { CreationTokens } from './creation-tokens.service.js';
import { CreateTokenDto } from './dto/create-token.dto.js';
import { DrawnTokenDto } from './dto/creation-token.dto.js';
import { TokenPushes } from './token-pushes.service.js';
import { PushNotDelivered } from './tokens.errors.js';

/** Account creation tokens, as the apps of 2022 and later ask for them (contract-2x §2). */
@Controller('api/account_creation_tokens')
export class CreationTokensController {
  constructor(
    private readonly pushes: TokenPushes,
    private readonly tokens: CreationTokens,
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

  /** Draws an account creation token for somebody that the administrator invites. It is valid for seven days. */
  @Post()
  @Access('admin', { body: 'none' })
  async invite(): Promise<DrawnTokenDto> {
    return DrawnTokenDto.from(await this.tokens.invite());
  }
}
