import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { DevicesService } from '../devices/devices.service.js';
import { AccountEvents } from '../events/account-events.service.js';
import { AccountLookup } from './account-lookup.service.js';
import { AccountNotFound } from './accounts.errors.js';
import { Account } from './entities/account.entity.js';

/** What can be done with an account as a whole. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly accounts: AccountLookup,
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
    const account = await this.transactions.run(async (manager) => {
      const locked = await this.accounts.lockById(id, manager);
      if (!locked) throw new AccountNotFound();
      await manager.delete(Account, { id });
      this.events.report('account.deleted', locked);
      return locked;
    });
    await this.devices.removeAll(account);
  }
}
