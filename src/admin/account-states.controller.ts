import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { AccountCondition } from '../accounts/account-condition.js';
import { ShowsAccount } from '../accounts/shows-account.decorator.js';
import { Access } from '../auth/decorators/access.decorator.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { Settings } from '../config/settings.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountIdPipe } from './account-id.pipe.js';
import { AdminAccountsService } from './admin-accounts.service.js';
import { LastAdministrator, OwnAccount, PreconditionFailed } from './admin.errors.js';
import { ApiId } from './api-id.decorator.js';
import { BlockingService } from './blocking.service.js';
import { AccountDto } from '../accounts/dto/account.dto.js';
import { ApiIfMatch, IfMatch } from './if-match.js';

/** The routes of administrators that turn accounts on and off (protocol §6). */
@Controller('api/accounts/:id')
export class AccountStatesController {
  constructor(
    private readonly adminAccounts: AdminAccountsService,
    private readonly blocking: BlockingService,
    private readonly settings: Settings,
  ) {}

  /** Activates an account and revokes its confirmation key. */
  @Post('activate')
  @HttpCode(200)
  @ApiId()
  @ApiIfMatch()
  @ShowsAccount(AccountDto)
  @Access('admin', { body: 'none', parameters: true, errors: [new PreconditionFailed()] })
  async activate(@Param('id', AccountIdPipe) id: number, @IfMatch() condition: AccountCondition): Promise<AccountDto> {
    return AccountDto.from(await this.adminAccounts.activate(id, condition), this.settings.realm);
  }

  /** Activates an account, for clients of the 2021 server. Prefer POST. */
  @Get('activate')
  @RouteConfig({ changesState: true })
  @ApiId()
  @ApiIfMatch()
  @ShowsAccount(AccountDto)
  @Access('admin', { parameters: true, errors: [new PreconditionFailed()] })
  async activateByGet(
    @Param('id', AccountIdPipe) id: number,
    @IfMatch() condition: AccountCondition,
  ): Promise<AccountDto> {
    return this.activate(id, condition);
  }

  /**
   * Deactivates an account: it can neither register at the SIP proxy nor use this API. The last administrator can be
   * deactivated too.
   */
  @Post('deactivate')
  @HttpCode(200)
  @ApiId()
  @ApiIfMatch()
  @ShowsAccount(AccountDto)
  @Access('admin', { body: 'none', parameters: true, errors: [new PreconditionFailed()] })
  async deactivate(
    @Param('id', AccountIdPipe) id: number,
    @IfMatch() condition: AccountCondition,
  ): Promise<AccountDto> {
    return AccountDto.from(await this.adminAccounts.deactivate(id, condition), this.settings.realm);
  }

  /** Deactivates an account, for clients of the 2021 server. Prefer POST. */
  @Get('deactivate')
  @RouteConfig({ changesState: true })
  @ApiId()
  @ApiIfMatch()
  @ShowsAccount(AccountDto)
  @Access('admin', { parameters: true, errors: [new PreconditionFailed()] })
  async deactivateByGet(
    @Param('id', AccountIdPipe) id: number,
    @IfMatch() condition: AccountCondition,
  ): Promise<AccountDto> {
    return this.deactivate(id, condition);
  }

  /**
   * Blocks an account: it can neither register at the SIP proxy nor use this API or the panel, until it is unblocked.
   * Administrators cannot block themselves, nor the last administrator.
   */
  @Post('block')
  @HttpCode(200)
  @ApiId()
  @ApiIfMatch()
  @ShowsAccount(AccountDto)
  @Access('admin', {
    body: 'none',
    parameters: true,
    errors: [new OwnAccount(), new LastAdministrator(), new PreconditionFailed()],
  })
  async block(
    @Param('id', AccountIdPipe) id: number,
    @CurrentAccount() caller: Account,
    @IfMatch() condition: AccountCondition,
  ): Promise<AccountDto> {
    return AccountDto.from(await this.blocking.block(id, caller.id, condition), this.settings.realm);
  }

  /** Unblocks an account. It is activated again if it was before. */
  @Post('unblock')
  @HttpCode(200)
  @ApiId()
  @ApiIfMatch()
  @ShowsAccount(AccountDto)
  @Access('admin', { body: 'none', parameters: true, errors: [new PreconditionFailed()] })
  async unblock(@Param('id', AccountIdPipe) id: number, @IfMatch() condition: AccountCondition): Promise<AccountDto> {
    return AccountDto.from(await this.blocking.unblock(id, condition), this.settings.realm);
  }
}
