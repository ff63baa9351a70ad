import { ApiProperty } from '@nestjs/swagger';
import { length, Member, text } from '../../http/validation/member.js';
import type { IssuedRequestToken } from '../request-tokens.service.js';

/** A new request token, and the page where a person is proven. */
export class RequestTokenDto {
  /** 32 characters. It is exchanged for an account creation token. */
  @ApiProperty({ example: 'pZ3vX0cQm7T1yRk9aBnE5uWsHdJf2gLi' })
  token: string;

  /** The page to open in a browser. It ends with the token. */
  @ApiProperty({
    format: 'uri',
    example: 'https://example.org/flexiapi/creation_token/check/pZ3vX0cQm7T1yRk9aBnE5uWsHdJf2gLi',
  })
  validation_url: string;

  static from({ token, pageUrl }: IssuedRequestToken): RequestTokenDto {
    return { token, validation_url: pageUrl };
  }
}

/** A request token that an app exchanges. */
export class UseRequestTokenDto {
  @Member({
    schema: { type: 'string', example: 'pZ3vX0cQm7T1yRk9aBnE5uWsHdJf2gLi' },
    checks: [text, length(1, 255)],
  })
  account_creation_request_token: string;
}
