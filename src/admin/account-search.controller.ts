import { Controller, Get, Param } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { ShowsAccount } from '../accounts/shows-account.decorator.js';
import { SipAddressPipe } from '../accounts/sip-address.pipe.js';
import { Access } from '../auth/decorators/access.decorator.js';
import type { SipAddress } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import { FoundAccountDto } from './dto/found-account.dto.js';

/** The routes by which administrators and Flexisip find one account (protocol §6). */
@Controller('api/accounts')
export class AccountSearchController {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly settings: Settings,
  ) {}

  /** The account with exactly this SIP address. */
  @Get(':sip/search')
  @ApiParam({
    name: 'sip',
    description: 'The SIP address as `user@domain`, without `sip:`.',
    schema: { type: 'string', example: 'johndoe@sip.example.org' },
  })
  @ShowsAccount(FoundAccountDto)
  @Access('admin', { parameters: true })
  async bySip(@Param('sip', SipAddressPipe) sip: SipAddress): Promise<FoundAccountDto> {
    return this.show(await this.accounts.bySip(sip));
  }

  /** The account with exactly this e-mail address, upper and lower case included. Of several, the oldest. */
  @Get(':email/search-by-email')
  @ApiParam({
    name: 'email',
    description: 'The e-mail address.',
    schema: { type: 'string', example: 'john@example.org' },
  })
  @ShowsAccount(FoundAccountDto)
  @Access('admin', { parameters: true })
  async byEmail(@Param('email') email: string): Promise<FoundAccountDto> {
    return this.show(await this.accounts.oldestByEmail(email));
  }

  private show(account: Account | null): FoundAccountDto {
    if (!account) throw new AccountNotFound();
    return FoundAccountDto.from(account, this.settings.realm);
  }
}
