import { Module } from '@nestjs/common';
import { AccountLookupModule } from '../directory/account-lookup.module.js';
import { VerificationModule } from '../verification/verification.module.js';
import { TokensController } from './tokens.controller.js';
import { TokensRepository } from './tokens.repository.js';
import { CreationTokensController } from './creation-tokens.controller.js';
import { CreationTokens } from './creation-tokens.service.js';
import { OneTimeTokens } from './one-time-tokens.repository.js';
import { TokenPurgeService } from './token-purge.service.js';
import { RequestTokensController } from './request-tokens.controller.js';
import { RequestTokens } from './request-tokens.service.js';
import { TokenPushes } from './token-pushes.service.js';

/** Account creation tokens. */
@Module({
  imports: [AccountLookupModule, VerificationModule],
  controllers: [TokensController, CreationTokensController, RequestTokensController],
  providers: [TokensRepository, OneTimeTokens, CreationTokens, RequestTokens, TokenPurgeService, TokenPushes],
  exports: [CreationTokens, OneTimeTokens, RequestTokens],
})
export class TokensModule {}
