import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { Done } from '../http/done.dto.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { CreateTokenDto } from './dto/create-token.dto.js';
import { PushNotDelivered, TokenAlreadySent, TokenLimitReached } from './tokens.errors.js';
import { TokenPushes } from './token-pushes.service.js';

/** Account creation tokens (protocol §4). */
@Controller('api/tokens')
export class TokensController {
  constructor(private readonly pushes: TokenPushes) {}

  /** Sends an account creation token to a device, by push notification. */
  @Post()
  @HttpCode(200)
  @LimitedBySource('tokens')
  @Access('anybody', {
    body: 'json',
    errors: [new TokenAlreadySent(), new TokenLimitReached(), new PushNotDelivered()],
  })
  async create(@Body() body: CreateTokenDto): Promise<Done> {
    await this.pushes.send(CreateTokenDto.toPushTarget(body));
    return new Done();
  }
}
