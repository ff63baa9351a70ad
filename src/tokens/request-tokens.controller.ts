import { Controller, Post } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { LimitedBySource } from '../limits/limited.decorator.js';
import { RequestTokenDto } from './dto/request-token.dto.js';
import { RequestTokens } from './request-tokens.service.js';

/** Request tokens, as the desktop apps of 2022 and later ask for them (contract-2x §2). */
@Controller('api/account_creation_request_tokens')
export class RequestTokensController {
  constructor(private readonly tokens: RequestTokens) {}

  /**
   * Issues a request token. The app opens `validation_url` in a browser, where a person proves to be one, and then
   * exchanges the token for an account creation token.
   */
  @Post()
  @LimitedBySource('requestTokens')
  @Access('anybody', { body: 'none' })
  async issue(): Promise<RequestTokenDto> {
    return RequestTokenDto.from(await this.tokens.issue());
  }
}
