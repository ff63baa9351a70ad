import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { inAnyState } from '../accounts/account-condition.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { PanelSessionsRepository } from '../auth/sessions/panel-sessions.repository.js';
import type { Account } from '../database/entities/account.entity.js';
import { Transactions } from '../database/transactions.js';
import { DevicesService } from '../devices/devices.service.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import { AccountEvents } from '../events/account-events.service.js';
import { AdminRightsService } from './admin-rights.service.js';
import { LastAdministrator, OwnAccount } from './admin.errors.js';

/**
 * Blocks and unblocks accounts (contract-2x §4). A blocked account can neither use the API nor the panel. Flexisip asks
 * for accounts with `activated = true`, so that column is 0 while an account is blocked, and `activated_before_block`
 * keeps its value.
 */
@Injectable()
export class BlockingService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly repository: AccountsRepository,
    private readonly sessions: PanelSessionsRepository,
    private readonly rights: AdminRightsService,
    private readonly devices: DevicesService,
    private readonly transactions: Transactions,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Blocks an account and ends its sessions of the panel. Ends its registrations at the SIP proxy if the proxy can be
   * reached. An account that is blocked already stays as it is.
   *
   * @param callerId the administrator who blocks.
   * @throws AccountNotFound, OwnAccount, LastAdministrator, and what the condition throws.
   */
  async block(id: number, callerId: number, condition = inAnyState): Promise<Account> {
    if (id === callerId) throw new OwnAccount();
    const account = await this.transactions.run(async (manager) => {
      // Two administrators who block each other at once do it one after the other.
      await this.rights.lockAdministrators(manager);
      const locked = await this.accounts.lock(id, manager);
      condition(locked);
      if (locked.blocked) return locked;
      if (await this.rights.isLastAdministrator(locked, manager)) throw new LastAdministrator();
      const { activated } = locked;
      await this.repository.update(manager, id, { blocked: true, activatedBeforeBlock: activated, activated: false });
      await this.sessions.removeAll(manager, id);
      this.events.report('account.blocked', locked);
      return this.reload(id, manager);
    });
    await this.devices.removeAll(account);
    return account;
  }

  /**
   * Unblocks an account. It is then activated if it was when it was blocked, or was activated since.
   *
   * @throws AccountNotFound, and what the condition throws.
   */
  unblock(id: number, condition = inAnyState): Promise<Account> {
    return this.transactions.run(async (manager) => {
      const locked = await this.accounts.lock(id, manager);
      condition(locked);
      if (!locked.blocked) return locked;
      const { activatedBeforeBlock: activated } = locked;
      await this.repository.update(manager, id, { blocked: false, activatedBeforeBlock: false, activated });
      this.events.report('account.unblocked', locked);
      return this.reload(id, manager);
    });
  }

  private async reload(id: number, manager: EntityManager): Promise<Account> {
    const account = await this.accounts.byId(id, manager);
    // Equivalent mutants `if (false)` and `nothing`: the account is locked by then, and cannot be deleted.
    if (!account) throw new AccountNotFound();
    return account;
  }
}
