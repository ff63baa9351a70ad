import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { AccountCreationService, type NewAccount, type Source } from '../accounts/account-creation.service.js';
import { AccountLookup } from '../accounts/account-lookup.service.js';
import { AccountNotFound } from '../accounts/accounts.errors.js';
import { ActivationService } from '../accounts/activation.service.js';
import { Account } from '../accounts/entities/account.entity.js';
import { randomAlphanumeric } from '../common/random.js';
import { Transactions } from '../database/transactions.js';
import { DevicesService } from '../devices/devices.service.js';

/** What an administrator decides of a new account; the rest follows. */
export type AdminNewAccount = Omit<NewAccount, 'confirmationKey'>;

/** What administrators do with accounts. */
@Injectable()
export class AdminAccountsService {
  constructor(
    @InjectRepository(Account) private readonly repository: Repository<Account>,
    private readonly accounts: AccountLookup,
    private readonly creation: AccountCreationService,
    private readonly activation: ActivationService,
    private readonly devices: DevicesService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Creates an account. One that is not activated gets a confirmation key; nothing is mailed or sent.
   *
   * @throws UsernameTaken, PhoneTaken.
   */
  async create(account: AdminNewAccount, source: Source): Promise<Account> {
    const confirmation = account.activated
      ? { confirmationKey: null, confirmationExpires: null }
      : { confirmationKey: randomAlphanumeric(13), confirmationExpires: account.confirmationExpires };
    return this.transactions.run((manager) => this.creation.create(manager, { ...account, ...confirmation }, source), 'READ COMMITTED');
  }

  /** @throws AccountNotFound. */
  async show(id: number): Promise<Account> {
    const account = await this.accounts.byId(id);
    if (!account) throw new AccountNotFound();
    return account;
  }

  /** A page of all accounts by id, and how many there are. */
  async list(page: number, perPage: number): Promise<{ accounts: Account[]; total: number }> {
    const [accounts, total] = await Promise.all([this.accounts.page(perPage, (page - 1) * perPage), this.repository.count()]);
    return { accounts, total };
  }

  /** @throws AccountNotFound. */
  async activate(id: number): Promise<Account> {
    return this.activation.activate(id);
  }

  /**
   * Deactivates an account, and ends its registrations at the SIP proxy where that can be reached.
   *
   * @throws AccountNotFound.
   */
  async deactivate(id: number): Promise<Account> {
    const account = await this.activation.deactivate(id);
    await this.devices.removeAll(account);
    return account;
  }
}
