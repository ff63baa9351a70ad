import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiParam } from '@nestjs/swagger';
import { Access } from '../auth/decorators/access.decorator.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import type { Account } from '../database/entities/account.entity.js';
import { Done } from '../http/done.dto.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { TokenNotFound } from '../tokens/tokens.errors.js';
import { AuthTokensService } from './auth-tokens.service.js';
import { ApiKeyDto, AuthTokenDto } from './dto/auth-token.dto.js';

const ApiToken = () =>
  ApiParam({ name: 'token', description: 'The auth token.', example: 'd8KzT5vQ1nGZfsVt3w8UQ1nGZfsVt3Lm' });

/** Auth tokens, with which a device that has an account gives an API key to another one (contract-2x §2). */
@Controller('api/accounts')
export class AuthTokensController {
  constructor(private readonly authTokens: AuthTokensService) {}

  /** Draws an auth token. It is valid for 5 minutes, and of use once an account is attached to it. */
  @Post('auth_token')
  @LimitedBySource('authTokens')
  @Access('anybody', { body: 'none' })
  async issue(): Promise<AuthTokenDto> {
    return AuthTokenDto.from(await this.authTokens.issue());
  }

  /** Attaches the calling account to an auth token. The holder of the token can then get an API key of the account. */
  @Post('auth_token/:token/attach')
  @HttpCode(200)
  @ApiToken()
  @LimitedBySource('authTokens')
  @Access('user', {
    body: 'none',
    parameters: true,
    beforeActivation: 'with-creation-token',
    errors: [new TokenNotFound()],
  })
  async attach(@CurrentAccount() account: Account, @Param('token') token: string): Promise<Done> {
    await this.authTokens.attach(account, token);
    return new Done();
  }

  /** Attaches the calling account to an auth token, for the apps that send GET. Prefer POST. */
  @Get('auth_token/:token/attach')
  @RouteConfig({ changesState: true })
  @ApiToken()
  @LimitedBySource('authTokens')
  @Access('user', { parameters: true, beforeActivation: 'with-creation-token', errors: [new TokenNotFound()] })
  async attachByGet(@CurrentAccount() account: Account, @Param('token') token: string): Promise<Done> {
    return this.attach(account, token);
  }

  /**
   * Exchanges an auth token for a new API key of the account that is attached to it. This ends the token and the
   * account's previous key. 404 as long as no account is attached.
   */
  @Get('me/api_key/:token')
  @RouteConfig({ changesState: true })
  @ApiToken()
  @LimitedBySource('authTokens')
  @Access('anybody', { parameters: true, errors: [new TokenNotFound()] })
  async exchange(@Param('token') token: string): Promise<ApiKeyDto> {
    return ApiKeyDto.from(await this.authTokens.exchange(token));
  }
}
