import { ApiProperty } from '@nestjs/swagger';
import type { DrawnToken } from '../../tokens/drawn-token.js';

/** A new auth token. */
export class AuthTokenDto {
  /** 32 characters, accepted for 5 minutes. It is not shown again. */
  @ApiProperty({ example: 'd8KzT5vQ1nGZfsVt3w8UQ1nGZfsVt3Lm' })
  token: string;

  static from({ token }: DrawnToken): AuthTokenDto {
    return { token };
  }
}

/** The API key that an auth token was exchanged for. */
export class ApiKeyDto {
  /** 40 characters. It is not shown again. */
  @ApiProperty({ example: 'Jq3vQ1nGZfsVt3w8UQ1nGZfsVt3LmJq3vQ1nGZfs' })
  api_key: string;

  static from(apiKey: string): ApiKeyDto {
    return { api_key: apiKey };
  }
}
