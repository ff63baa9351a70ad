import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { Source } from '../accounts/account-creation.service.js';
import { PhoneTaken, UsernameTaken } from '../accounts/accounts.errors.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { CurrentSource } from '../accounts/current-source.decorator.js';
import { AccountDto } from '../accounts/dto/account.dto.js';
import { Access } from '../auth/decorators/access.decorator.js';
import { Done } from '../http/done.dto.js';
import { paginate } from '../http/pagination.js';
import { Settings } from '../config/settings.js';
import { AccountIdPipe } from './account-id.pipe.js';
import { ApiId } from './api-id.decorator.js';
import { AdminAccountsService } from './admin-accounts.service.js';
import { AccountPageDto, PageQueryDto } from './dto/account-page.dto.js';
import { AdminAccountDto } from './dto/admin-account.dto.js';
import { CreateAccountDto } from './dto/create-account.dto.js';

/** The routes of administrators for accounts (protocol §6). */
@Controller('api/accounts')
export class AdminController {
  constructor(
    private readonly adminAccounts: AdminAccountsService,
    private readonly accounts: AccountsService,
    private readonly settings: Settings,
  ) {}

  /** Creates an account. No e-mail or SMS is sent; the confirmation key is in the answer. */
  @Post()
  @HttpCode(200)
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
  @Access('admin', { parameters: true })
  async show(@Param('id', AccountIdPipe) id: number): Promise<AdminAccountDto> {
    return AdminAccountDto.from(await this.adminAccounts.show(id), this.settings.realm);
  }

  /** Deletes an account and everything that belongs to it. The last administrator can be deleted too. */
  @Delete(':id')
  @ApiId()
  @Access('admin', { body: 'none', parameters: true })
  async remove(@Param('id', AccountIdPipe) id: number): Promise<Done> {
    await this.accounts.remove(id);
    return new Done();
  }
}
