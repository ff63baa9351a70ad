import { Body, Controller, Get, Param, Query } from '@nestjs/common';
import type { Source } from '../accounts/account-creation.service.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { CurrentSource } from '../accounts/current-source.decorator.js';
import { AccountIdPipe } from '../admin/account-id.pipe.js';
import { AdminAccountsService } from '../admin/admin-accounts.service.js';
import { AdminRightsService } from '../admin/admin-rights.service.js';
import { BlockingService } from '../admin/blocking.service.js';
import { CreateAccountDto } from '../admin/dto/create-account.dto.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { formatSip, parseTypedSip } from '../common/sip/sip-address.js';
import type { Account } from '../database/entities/account.entity.js';
import { SearchQuery } from './forms/search.query.js';
import { PanelPages, TakesForm } from './panel-page.decorator.js';
import { goTo, type Redirect, type View, view } from './view.js';
import { AccountBlockPage, AccountDeletionPage, AccountPage, AccountsPage, NewAccountPage } from './views/accounts.js';

const PER_PAGE = 20;

/** Pages for administrators about all accounts. */
@PanelPages('admin')
@Controller('account/accounts')
export class AllAccountsController {
  constructor(
    private readonly adminAccounts: AdminAccountsService,
    private readonly accounts: AccountsService,
    private readonly rights: AdminRightsService,
    private readonly blocking: BlockingService,
  ) {}

  @Get()
  async list(@Query() { page = '1', search = '' }: SearchQuery): Promise<View> {
    const { accounts, total } = await this.adminAccounts.list(Number(page), PER_PAGE, storedForm(search.trim()));
    const lastPage = Math.max(1, Math.ceil(total / PER_PAGE));
    return view(AccountsPage, { accounts, total, page: Number(page), lastPage, search: search.trim() });
  }

  @Get('new')
  showNew(): View {
    return view(NewAccountPage, {});
  }

  @TakesForm('new', NewAccountPage)
  async create(@Body() body: CreateAccountDto, @CurrentSource() source: Source): Promise<Redirect> {
    const { id } = await this.adminAccounts.create(body, source);
    return goTo(`accounts/${id}`, 'created');
  }

  @Get(':id')
  async show(@Param('id', AccountIdPipe) id: number): Promise<View> {
    return view(AccountPage, { shown: await this.adminAccounts.show(id) });
  }

  @TakesForm(':id/activate')
  async activate(@Param('id', AccountIdPipe) id: number): Promise<Redirect> {
    await this.adminAccounts.activate(id);
    return goTo(`accounts/${id}`, 'activated');
  }

  @TakesForm(':id/deactivate')
  async deactivate(@Param('id', AccountIdPipe) id: number): Promise<Redirect> {
    await this.adminAccounts.deactivate(id);
    return goTo(`accounts/${id}`, 'deactivated');
  }

  @Get(':id/block')
  async askForBlock(@Param('id', AccountIdPipe) id: number): Promise<View> {
    return view(AccountBlockPage, { shown: await this.adminAccounts.show(id) });
  }

  @TakesForm(':id/block')
  async block(@Param('id', AccountIdPipe) id: number, @CurrentAccount() caller: Account): Promise<Redirect> {
    await this.blocking.block(id, caller.id);
    return goTo(`accounts/${id}`, 'blocked');
  }

  @TakesForm(':id/unblock')
  async unblock(@Param('id', AccountIdPipe) id: number): Promise<Redirect> {
    await this.blocking.unblock(id);
    return goTo(`accounts/${id}`, 'unblocked');
  }

  @Get(':id/delete')
  async askForDeletion(@Param('id', AccountIdPipe) id: number): Promise<View> {
    const shown = await this.adminAccounts.show(id);
    return view(AccountDeletionPage, { shown, isLastAdministrator: await this.rights.isLastAdministrator(shown) });
  }

  @TakesForm(':id/delete')
  async remove(@Param('id', AccountIdPipe) id: number): Promise<Redirect> {
    await this.accounts.remove(id);
    return goTo('accounts', 'deleted');
  }
}

/**
 * The search term in stored form. The database stores an address without its scheme and escapes, but a user may type an
 * address, or its beginning, as pages show it.
 */
function storedForm(typed: string): string {
  const [, withoutScheme] = /^<?sip:(.*?)>?$/i.exec(typed) ?? [];
  if (withoutScheme === undefined) return typed;
  const address = parseTypedSip(typed);
  return address ? formatSip(address) : withoutScheme;
}
