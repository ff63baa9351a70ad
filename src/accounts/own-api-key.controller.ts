import { Controller, Get, Header } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOkResponse } from '@nestjs/swagger';
import { Access } from '../auth/decorators/access.decorator.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import type { Account } from '../database/entities/account.entity.js';
import { OwnApiKeyService } from './own-api-key.service.js';

/** The API key of the calling account (contract-2x §4). */
@Controller('api/accounts/me/api_key')
export class OwnApiKeyController {
  constructor(private readonly keys: OwnApiKeyService) {}

  /** Generates a new API key for the calling account, and ends its previous one. The key is not shown again. */
  @Get()
  @RouteConfig({ changesState: true })
  @Header('content-type', 'text/plain')
  @ApiOkResponse({
    description: 'The new key: 40 letters and digits.',
    content: { 'text/plain': { schema: { type: 'string', minLength: 40, maxLength: 40 } } },
  })
  @Access('user')
  generate(@CurrentAccount() account: Account): Promise<string> {
    return this.keys.generate(account);
  }
}
