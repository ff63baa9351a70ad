import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Transactions } from '../database/transactions.js';
import { DevicesService } from '../devices/devices.service.js';
import { AccountEvents } from '../events/account-events.service.js';
import { inAnyState } from './account-condition.js';
import { AccountsRepository } from './accounts.repository.js';
import { AccountCount } from '../directory/account-count.service.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import type { Account } from '../database/entities/account.entity.js';

/** Actions on an account as a whole. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly repository: AccountsRepository,
    private readonly accountCount: AccountCount,
    private readonly transactions: Transactions,
    private readonly devices: DevicesService,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Deletes an account with all that belongs to it. Ends its registrations at the SIP proxy if the proxy can be
   * reached.
   *
   * @throws AccountNotFound, and what the condition throws.
   */
  async remove(id: number, condition = inAnyState): Promise<void> {
    const mayGo = (account: Account) => {
      condition(account);
      return true;
    };
    if (!(await this.removeIf(id, mayGo))) throw new AccountNotFound();
  }

  /**
   * Like `remove`, but only if the account still meets a condition.
   *
   * @param mayGo checks the current account, which stays locked until it is deleted.
   * @returns whether the account was deleted.
   */
  async removeIf(id: number, mayGo: (account: Account) => boolean): Promise<boolean> {
    const account = await this.removeLocked(id, mayGo);
    if (account) await this.devices.removeAll(account);
    return account !== null;
  }

  /** Like `removeIf`, for an account that never could register: it does not call the SIP proxy. */
  async removeUnregisteredIf(id: number, mayGo: (account: Account) => boolean): Promise<boolean> {
    return (await this.removeLocked(id, mayGo)) !== null;
  }

  /**
   * Deletes an account that the caller's transaction has locked. Its registrations at the SIP proxy are not ended, so the
   * account must be one that never could register.
   */
  async removeWithin(manager: EntityManager, account: Account): Promise<void> {
    await this.repository.remove(manager, account.id);
    this.events.report('account.deleted', account);
    this.accountCount.note(account.id, -1);
  }

  /** @returns the deleted account; null if there is none, or if it may not go. */
  private removeLocked(id: number, mayGo: (account: Account) => boolean): Promise<Account | null> {
    return this.transactions.run(async (manager) => {
      const locked = await this.accounts.lockIfExists(id, manager);
      if (!locked || !mayGo(locked)) return null;
      await this.removeWithin(manager, locked);
      return locked;
    });
  }
}
