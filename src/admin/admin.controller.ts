import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiParam } from '@nestjs/swagger';
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
import { AdminAccountsService } from './admin-accounts.service.js';
import { AccountPageDto, PageQueryDto } from './dto/account-page.dto.js';
import { AdminAccountDto } from './dto/admin-account.dto.js';
import { CreateAccountDto } from './dto/create-account.dto.js';

const ApiId = () =>
  ApiParam({ name: 'id', description: 'The id of the account.', schema: { type: 'integer', minimum: 1, example: 42 } });

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

  /** Activates an account and revokes its confirmation key. */
  @Post(':id/activate')
  @HttpCode(200)
  @ApiId()
  @Access('admin', { body: 'none', parameters: true })
  async activate(@Param('id', AccountIdPipe) id: number): Promise<AccountDto> {
    return AccountDto.from(await this.adminAccounts.activate(id), this.settings.realm);
  }

  /** Activates an account, for clients of the 2021 server. Prefer POST. */
  @Get(':id/activate')
  @RouteConfig({ changesState: true })
  @ApiId()
  @Access('admin', { parameters: true })
  async activateByGet(@Param('id', AccountIdPipe) id: number): Promise<AccountDto> {
    return this.activate(id);
  }

  /** Deactivates an account: it can neither register at the SIP proxy nor use this API. The last administrator can be deactivated too. */
  @Post(':id/deactivate')
  @HttpCode(200)
  @ApiId()
  @Access('admin', { body: 'none', parameters: true })
  async deactivate(@Param('id', AccountIdPipe) id: number): Promise<AccountDto> {
    return AccountDto.from(await this.adminAccounts.deactivate(id), this.settings.realm);
  }

  /** Deactivates an account, for clients of the 2021 server. Prefer POST. */
  @Get(':id/deactivate')
  @RouteConfig({ changesState: true })
  @ApiId()
  @Access('admin', { parameters: true })
  async deactivateByGet(@Param('id', AccountIdPipe) id: number): Promise<AccountDto> {
    return this.deactivate(id);
  }
}
