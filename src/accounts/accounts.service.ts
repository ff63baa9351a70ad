import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { DevicesService } from '../devices/devices.service.js';
import { AccountEvents } from '../events/account-events.service.js';
import { deleteAccount } from './account-deletion.js';
import { AccountCount } from '../directory/account-count.service.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import type { Account } from '../database/entities/account.entity.js';

/** What can be done with an account as a whole. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly accountCount: AccountCount,
    private readonly transactions: Transactions,
    private readonly devices: DevicesService,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Deletes an account with all that belongs to it, and its registrations at the SIP proxy where that can be reached.
   *
   * @throws AccountNotFound.
   */
  async remove(id: number): Promise<void> {
    if (!(await this.removeIf(id, () => true))) throw new AccountNotFound();
  }

  /**
   * The same, of an account that still is what it was taken for.
   *
   * @param mayGo looks at the account as it is now, held until it is gone.
   * @returns whether it was deleted.
   */
  async removeIf(id: number, mayGo: (account: Account) => boolean): Promise<boolean> {
    const account = await this.transactions.run(async (manager) => {
      const locked = await this.accounts.lockById(id, manager);
      if (!locked || !mayGo(locked)) return null;
      await deleteAccount(manager, id);
      this.events.report('account.deleted', locked);
      this.accountCount.note(id, -1);
      return locked;
    });
    if (account) await this.devices.removeAll(account);
    return account !== null;
  }
}
