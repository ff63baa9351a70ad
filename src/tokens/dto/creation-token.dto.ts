import { ApiProperty } from '@nestjs/swagger';
import { formatIsoDateTime } from '../../database/columns/utc-date-time.js';
import type { DrawnToken } from '../drawn-token.js';
import type { ShownToken } from '../creation-tokens.service.js';

const pushParameter = { type: String, nullable: true } as const;

/** A new account creation token. */
export class DrawnTokenDto {
  /** 13 characters. It is not shown again. */
  @ApiProperty({ example: 'w8UQ1nGZfsVt3' })
  token: string;

  /** Until when the token is accepted, ISO 8601 in UTC. */
  @ApiProperty({ example: '2026-12-08T10:00:00Z' })
  expire_at: string;

  static from({ token, expires }: DrawnToken): DrawnTokenDto {
    return { token, expire_at: formatIsoDateTime(expires) };
  }
}

/** A used account creation token. */
export class CreationTokenDto extends DrawnTokenDto {
  @ApiProperty({ example: true })
  used: boolean;

  /** The push service; null if the token was not pushed. */
  @ApiProperty({ ...pushParameter, example: 'fcm' })
  pn_provider: string | null;

  @ApiProperty({ ...pushParameter, example: 'my-project' })
  pn_param: string | null;

  @ApiProperty({ ...pushParameter, example: 'f6y8_CVdQnY:APA91bHZcGcxaQ' })
  pn_prid: string | null;

  /** The account that has used the token. */
  @ApiProperty({ example: 42 })
  account_id: number;

  static ofUsed(token: string, { device, expires }: ShownToken, accountId: number): CreationTokenDto {
    return {
      ...DrawnTokenDto.from({ token, expires }),
      used: true,
      pn_provider: device.pnProvider || null,
      pn_param: device.pnParam || null,
      pn_prid: device.pnPrid || null,
      account_id: accountId,
    };
  }
}
