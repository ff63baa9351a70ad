import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountLookup } from '../directory/account-lookup.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { AdminRequired } from '../auth/auth.errors.js';
import { Clock } from '../common/clock.js';
import { Transactions } from '../database/transactions.js';
import { AccountEvents } from '../events/account-events.service.js';
import { LastAdministrator } from './admin.errors.js';
import { AdminsRepository } from './admins.repository.js';

/** Grants and revokes administrator rights, and the API keys of administrators. */
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
   * @returns false if it already was one.
   * @throws AccountNotFound.
   */
  async grant(id: number): Promise<boolean> {
    return this.change(id, (manager, account) => this.grantWithin(manager, account));
  }

  /** Like {@link grant}, for an account that the caller's transaction has locked. */
  async grantWithin(manager: EntityManager, account: Account): Promise<boolean> {
    if (account.admin) return false;
    await this.admins.insert(manager, account.id, this.clock.now());
    this.events.report('administrator.granted', account);
    return true;
  }

  /**
   * Revokes the administrator rights and the API key of an account.
   *
   * @param evenLast whether the last administrator may lose the rights.
   * @returns whether the account was an administrator; null if it is the last one and keeps the rights.
   * @throws AccountNotFound.
   */
  async revoke(id: number, { evenLast }: { evenLast: boolean }): Promise<boolean | null> {
    return this.transactions.run(async (manager) => {
      // The lock comes before the first read, so that later reads show the other administrators as they are then.
      if (!evenLast) await this.lockAdministrators(manager);
      const account = await this.accounts.lock(id, manager);
      if (!evenLast && (await this.isLastAdministrator(account, manager))) return null;
      return this.removeRights(manager, account);
    });
  }

  /**
   * Revokes the rights of an administrator and the API key, within a transaction that has called
   * {@link lockAdministrators} and then locked the account. Changes nothing for another account.
   *
   * @throws LastAdministrator.
   */
  async revokeWithin(manager: EntityManager, account: Account): Promise<void> {
    if (!account.admin) return;
    if (await this.isLastAdministrator(account, manager)) throw new LastAdministrator();
    await this.removeRights(manager, account);
  }

  private async removeRights(manager: EntityManager, account: Account): Promise<boolean> {
    await this.apiKeys.revoke(manager, account);
    if (!account.admin) return false;
    await this.admins.remove(manager, account.id);
    this.events.report('administrator.revoked', account);
    return true;
  }

  /**
   * Lets the transactions that take administrators away run one after the other. This must be the first statement of
   * the transaction.
   */
  lockAdministrators(manager: EntityManager): Promise<void> {
    return this.admins.lockAll(manager);
  }

  /**
   * Whether an account is the only administrator that can sign in. Without it, administration is possible only from the
   * command line.
   */
  async isLastAdministrator({ id, admin }: Account, manager?: EntityManager): Promise<boolean> {
    return admin !== null && !(await this.admins.hasOtherActivated(id, manager));
  }

  /**
   * Generates a new API key for an administrator. The key is returned here and cannot be read again.
   *
   * @param replaces whether the new key may replace an existing one.
   * @returns null if there is a key that may not be replaced.
   * @throws AccountNotFound, AdminRequired.
   */
  async generateKey(id: number, { replaces }: { replaces: boolean }): Promise<string | null> {
    return this.change(id, async (manager, account) => {
      if (!account.admin) throw new AdminRequired();
      return account.hasApiKey && !replaces ? null : this.apiKeys.generate(manager, account);
    });
  }

  /**
   * Revokes the API key of an account, if it has one.
   *
   * @throws AccountNotFound.
   */
  async revokeKey(id: number): Promise<void> {
    await this.change(id, (manager, account) => this.apiKeys.revoke(manager, account));
  }

  private change<T>(id: number, work: (manager: EntityManager, account: Account) => Promise<T>): Promise<T> {
    return this.transactions.run(async (manager) => work(manager, await this.accounts.lock(id, manager)));
  }
}
