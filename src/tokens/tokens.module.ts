import { Module } from '@nestjs/common';
import { VerificationModule } from '../verification/verification.module.js';
import { TokensController } from './tokens.controller.js';
import { TokensRepository } from './tokens.repository.js';
import { TokensService } from './tokens.service.js';

/** Account creation tokens. */
@Module({
  imports: [VerificationModule],
  controllers: [TokensController],
  providers: [TokensRepository, TokensService],
  exports: [TokensService],
})
export class TokensModule {}
