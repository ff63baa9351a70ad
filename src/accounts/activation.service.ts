import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { secretsEqual } from '../common/secrets.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import { Transactions } from '../database/transactions.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Limits } from '../limits/limits.service.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import { ActivationCodeWrong, ActivationExpired } from './accounts.errors.js';
import { Account } from '../database/entities/account.entity.js';
import { ActivationExpiration } from '../database/entities/activation-expiration.entity.js';
import { PhoneChangeCode } from '../database/entities/phone-change-code.entity.js';
import { PhonesService } from './phones.service.js';

/** Turning accounts on and off. */
@Injectable()
export class ActivationService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly phones: PhonesService,
    private readonly transactions: Transactions,
    private readonly limits: Limits,
    private readonly events: AccountEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Activates the account that waits for this code. A phone number it was created with becomes its own with that.
   *
   * @throws TooManyAttempts, ActivationCodeWrong (unknown accounts too), ActivationExpired, PhoneTaken.
   */
  async activateByCode(address: SipAddress, code: string): Promise<Account> {
    return this.limits.counting(
      [['failedActivations', formatSip(address)]],
      async () => {
        const found = await this.accounts.bySip(address);
        // As much work for an address that nobody has as for a wrong code; the right one is looked at again, in its turn.
        if (!found || !isCodeOf(found, code)) throw new ActivationCodeWrong();
        return this.transactions.run((manager) => this.redeemCode(manager, found.id, code), 'READ COMMITTED');
      },
      (error) => error instanceof ActivationCodeWrong || error instanceof ActivationExpired,
    );
  }

  /**
   * Activates an account on an administrator's word. Its code ends; a number that was never confirmed is dropped.
   *
   * @throws AccountNotFound.
   */
  async activate(id: number): Promise<Account> {
    return this.turn(id, true);
  }

  /**
   * Deactivates an account. A code that is still on its way ends too: what an administrator has turned off, a user
   * does not turn on.
   *
   * @throws AccountNotFound.
   */
  async deactivate(id: number): Promise<Account> {
    return this.turn(id, false);
  }

  private async redeemCode(manager: EntityManager, id: number, code: string): Promise<Account> {
    const account = await this.accounts.lockById(id, manager);
    if (!account || !isCodeOf(account, code)) throw new ActivationCodeWrong();
    if (account.activationExpiration?.isOver(this.clock.now())) throw new ActivationExpired();
    const pending = await manager.findOneBy(PhoneChangeCode, { accountId: account.id, code });
    if (pending) await this.phones.assign(manager, account, pending.phone);
    await this.finish(manager, account.id, true);
    this.events.report('account.activated', account, { means: 'code' });
    if (pending) this.events.report('phone.changed', account, { means: 'code' });
    return this.reload(account.id, manager);
  }

  private async finish(manager: EntityManager, id: number, activated: boolean): Promise<void> {
    await manager.update(Account, { id }, { activated, confirmationKey: null });
    await manager.delete(ActivationExpiration, { accountId: id });
    await manager.delete(PhoneChangeCode, { accountId: id });
  }

  private turn(id: number, activated: boolean): Promise<Account> {
    return this.transactions.run(async (manager) => {
      const locked = await this.accounts.lockById(id, manager);
      if (!locked) throw new AccountNotFound();
      await this.finish(manager, id, activated);
      // To end a code that would activate the account is a change too.
      const isChanged = locked.activated !== activated || locked.confirmationKey !== null;
      if (isChanged) this.events.report(activated ? 'account.activated' : 'account.deactivated', locked);
      return this.reload(id, manager);
    });
  }

  private async reload(id: number, manager: EntityManager): Promise<Account> {
    const account = await this.accounts.byId(id, manager);
    if (!account) throw new AccountNotFound();
    return account;
  }
}

function isCodeOf({ confirmationKey }: Account, code: string): boolean {
  return confirmationKey !== null && secretsEqual(confirmationKey, code);
}
