import { ApiProperty } from '@nestjs/swagger';
import { AccountDto } from '../../accounts/dto/account.dto.js';
import type { Account } from '../../database/entities/account.entity.js';

/** An account as an administrator sees it, with its activation code. */
export class AdminAccountDto extends AccountDto {
  /** The code that activates the account; null once it is activated. */
  @ApiProperty({ type: String, nullable: true, example: 'aZ3kP9sQ1xW7b' })
  confirmation_key: string | null;

  static override from(account: Account, realm: string | null): AdminAccountDto {
    return { ...AccountDto.from(account, realm), confirmation_key: account.confirmationKey };
  }
}
