import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import type { AccountCondition } from '../accounts/account-condition.js';
import type { Source } from '../accounts/account-creation.service.js';
import { PhoneTaken, UsernameTaken } from '../accounts/accounts.errors.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { CurrentSource } from '../accounts/current-source.decorator.js';
import { AccountDto } from '../accounts/dto/account.dto.js';
import { ShowsAccount } from '../accounts/shows-account.decorator.js';
import { Access } from '../auth/decorators/access.decorator.js';
import { Done } from '../http/done.dto.js';
import { paginate } from '../http/pagination.js';
import { Settings } from '../config/settings.js';
import { AccountEditsService } from './account-edits.service.js';
import { AccountIdPipe } from './account-id.pipe.js';
import { LastAdministrator, PreconditionFailed } from './admin.errors.js';
import { ApiId } from './api-id.decorator.js';
import { AdminAccountsService } from './admin-accounts.service.js';
import { AccountPageDto, PageQueryDto } from './dto/account-page.dto.js';
import { AdminAccountDto } from './dto/admin-account.dto.js';
import { CreateAccountDto } from './dto/create-account.dto.js';
import { PatchAccountDto } from './dto/patch-account.dto.js';
import { PutAccountDto } from './dto/put-account.dto.js';
import { ApiIfMatch, IfMatch } from './if-match.js';

const EDIT_ERRORS = [new UsernameTaken(), new PhoneTaken(), new LastAdministrator(), new PreconditionFailed()];

/** The routes of administrators for accounts (protocol §6). */
@Controller('api/accounts')
export class AdminController {
  constructor(
    private readonly adminAccounts: AdminAccountsService,
    private readonly accounts: AccountsService,
    private readonly edits: AccountEditsService,
    private readonly settings: Settings,
  ) {}

  /** Creates an account. No e-mail or SMS is sent; the confirmation key is in the answer. */
  @Post()
  @HttpCode(200)
  @ShowsAccount(AdminAccountDto)
  @Access('admin', { body: 'json', errors: [new UsernameTaken(), new PhoneTaken()] })
  async create(@Body() body: CreateAccountDto, @CurrentSource() source: Source): Promise<AdminAccountDto> {
    return AdminAccountDto.from(await this.adminAccounts.create(body, source), this.settings.realm);
  }

  /** All accounts, ordered by id, in pages. */
  @Get()
  @Access('admin')
  async list(@Query() query: PageQueryDto): Promise<AccountPageDto> {
    const page = Number(query.page ?? 1);
    const perPage = Number(query.per_page ?? 20);
    const { accounts, total } = await this.adminAccounts.list(page, perPage);
    const data = accounts.map((account) => AccountDto.from(account, this.settings.realm));
    const path = `${this.settings.publicUrl}/api/accounts`;
    return paginate(data, total, { path, page, perPage, isPerPageGiven: query.per_page !== undefined });
  }

  /** One account, with its confirmation key. */
  @Get(':id')
  @ApiId()
  @ShowsAccount(AdminAccountDto)
  @Access('admin', { parameters: true })
  async show(@Param('id', AccountIdPipe) id: number): Promise<AdminAccountDto> {
    return AdminAccountDto.from(await this.adminAccounts.show(id), this.settings.realm);
  }

  /**
   * Replaces the members of an account. E-mail address, phone number, display name and DTMF protocol that are absent
   * become null; other members that are absent stay. Nothing is sent.
   */
  @Put(':id')
  @ApiId()
  @ApiIfMatch()
  @ShowsAccount(AccountDto)
  @Access('admin', { body: 'json', parameters: true, errors: EDIT_ERRORS })
  async replace(
    @Param('id', AccountIdPipe) id: number,
    @Body() body: PutAccountDto,
    @IfMatch() condition: AccountCondition,
  ): Promise<AccountDto> {
    return AccountDto.from(await this.edits.apply(id, PutAccountDto.toEdit(body), condition), this.settings.realm);
  }

  /** Changes the members of an account that are sent, as a merge patch (RFC 7396). Nothing is sent to anybody. */
  @Patch(':id')
  @ApiId()
  @ApiIfMatch()
  @ShowsAccount(AccountDto)
  @Access('admin', { body: 'merge-patch', parameters: true, errors: EDIT_ERRORS })
  async change(
    @Param('id', AccountIdPipe) id: number,
    @Body() body: PatchAccountDto,
    @IfMatch() condition: AccountCondition,
  ): Promise<AccountDto> {
    return AccountDto.from(await this.edits.apply(id, PatchAccountDto.toEdit(body), condition), this.settings.realm);
  }

  /** Deletes an account and everything that belongs to it. The last administrator can be deleted too. */
  @Delete(':id')
  @ApiId()
  @ApiIfMatch()
  @Access('admin', { body: 'none', parameters: true, errors: [new PreconditionFailed()] })
  async remove(@Param('id', AccountIdPipe) id: number, @IfMatch() condition: AccountCondition): Promise<Done> {
    await this.accounts.remove(id, condition);
    return new Done();
  }
}
