import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import type { Account } from '../database/entities/account.entity.js';
import { CreationTokenDto } from '../tokens/dto/creation-token.dto.js';
import { TokenNotFound } from '../tokens/tokens.errors.js';
import { ConsumeCreationTokenDto } from './dto/create-with-creation-token.dto.js';
import { TokenConsumptionService } from './token-consumption.service.js';

/** Account creation tokens of existing accounts (contract-2x §2). */
@Controller('api/account_creation_tokens/consume')
export class TokenConsumptionController {
  constructor(private readonly consumption: TokenConsumptionService) {}

  /** Ties an account creation token to the calling account, which may then activate itself by a code. */
  @Post()
  @HttpCode(200)
  @Access('user', { body: 'json', beforeActivation: 'never-activated', errors: [new TokenNotFound()] })
  async consume(
    @CurrentAccount() account: Account,
    @Body() { account_creation_token: token }: ConsumeCreationTokenDto,
  ): Promise<CreationTokenDto> {
    return CreationTokenDto.ofUsed(token, await this.consumption.consume(account, token), account.id);
  }
}
