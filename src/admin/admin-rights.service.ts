import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import type { Account } from '../database/entities/account.entity.js';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { AdminRequired } from '../auth/auth.errors.js';
import { Clock } from '../common/clock.js';
import { Transactions } from '../database/transactions.js';
import { AccountEvents } from '../events/account-events.service.js';
import { AdminsRepository } from './admins.repository.js';

/** Makes accounts administrators, and gives administrators their API keys. */
@Injectable()
export class AdminRightsService {
  constructor(
    private readonly admins: AdminsRepository,
    private readonly accounts: AccountLookup,
    private readonly apiKeys: ApiKeysService,
    private readonly transactions: Transactions,
    private readonly events: AccountEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes an account an administrator.
   *
   * @returns whether it was none before.
   * @throws AccountNotFound.
   */
  async grant(id: number): Promise<boolean> {
    return this.change(id, async (manager, account) => {
      if (account.admin) return false;
      await this.admins.insert(manager, id, this.clock.now());
      this.events.report('administrator.granted', account);
      return true;
    });
  }

  /**
   * Takes an administrator's rights from an account. Its API key ends with them.
   *
   * @param evenLast whether the last administrator may lose them.
   * @returns whether it was one before; null if it is the last administrator, and must not lose them.
   * @throws AccountNotFound.
   */
  async revoke(id: number, { evenLast }: { evenLast: boolean }): Promise<boolean | null> {
    return this.transactions.run(async (manager) => {
      // Before anything is read: what is read later shows the others as they are then.
      if (!evenLast) await this.admins.lockAll(manager);
      const account = await this.lock(manager, id);
      if (!evenLast && (await this.isLastAdministrator(account, manager))) return null;
      await this.apiKeys.revoke(manager, account);
      if (!account.admin) return false;
      await this.admins.remove(manager, id);
      this.events.report('administrator.revoked', account);
      return true;
    });
  }

  /**
   * Whether an account is the only administrator that can sign in: without it, administration is possible from the command line only.
   */
  async isLastAdministrator({ id, admin }: Account, manager?: EntityManager): Promise<boolean> {
    return admin !== null && !(await this.admins.hasOtherActivated(id, manager));
  }

  /**
   * Gives an administrator a new API key. It is shown here and never again.
   *
   * @param replaces whether a key that is live may end with it.
   * @returns null if there is a live key, and it may not end.
   * @throws AccountNotFound, AdminRequired.
   */
  async generateKey(id: number, { replaces }: { replaces: boolean }): Promise<string | null> {
    return this.change(id, async (manager, account) => {
      if (!account.admin) throw new AdminRequired();
      return account.hasApiKey && !replaces ? null : this.apiKeys.generate(manager, account);
    });
  }

  /**
   * Ends the API key of an account, if it has one.
   *
   * @throws AccountNotFound.
   */
  async revokeKey(id: number): Promise<void> {
    await this.change(id, (manager, account) => this.apiKeys.revoke(manager, account));
  }

  private change<T>(id: number, work: (manager: EntityManager, account: Account) => Promise<T>): Promise<T> {
    return this.transactions.run(async (manager) => work(manager, await this.lock(manager, id)));
  }

  private async lock(manager: EntityManager, id: number): Promise<Account> {
    const account = await this.accounts.lockById(id, manager);
    if (!account) throw new AccountNotFound();
    return account;
  }
}
