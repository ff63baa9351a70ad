import { ApiProperty } from '@nestjs/swagger';

/** The public data of an account. */
export class AccountInfoDto {
  /** Whether the account may register at the SIP proxy. */
  @ApiProperty()
  activated: boolean;

  /** The configured realm; null where each account's realm is its domain. */
  @ApiProperty({ type: String, nullable: true, example: null })
  realm: string | null;
}
