import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Public } from '../auth/decorators/access.decorators.js';
import { Done } from '../http/done.dto.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { ApiPublicRoute } from '../auth/decorators/api-route.decorator.js';
import { CreateTokenDto } from './dto/create-token.dto.js';
import { PushNotDelivered, TokenAlreadySent, TokenLimitReached } from './tokens.errors.js';
import { TokensService } from './tokens.service.js';

/** Account creation tokens (protocol §4). */
@Public()
@Controller('tokens')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  /** Sends an account creation token to a device, by push notification. */
  @Post()
  @HttpCode(200)
  @LimitedBySource('tokens')
  @ApiPublicRoute({ body: 'json', errors: [new TokenAlreadySent(), new TokenLimitReached(), new PushNotDelivered()] })
  async create(@Body() body: CreateTokenDto): Promise<Done> {
    await this.tokens.send(CreateTokenDto.toPushTarget(body));
    return new Done();
  }
}
