import { ApiProperty } from '@nestjs/swagger';
import type { Account } from '../../database/entities/account.entity.js';
import { AccountDto } from '../../accounts/dto/account.dto.js';

/** An account that an administrator has searched for. */
export class FoundAccountDto extends AccountDto {
  /** Always empty: this service has no call forwardings. */
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0, example: [] })
  call_forwardings: never[];

  static override from(account: Account, realm: string | null): FoundAccountDto {
    return { ...AccountDto.from(account, realm), call_forwardings: [] };
  }
}
