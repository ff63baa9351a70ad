import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { secretsEqual } from '../common/secrets.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import { Transactions } from '../database/transactions.js';
import { AccountLookup } from './account-lookup.service.js';
import { AccountNotFound, ActivationCodeWrong, ActivationExpired } from './accounts.errors.js';
import { ActivationAttemptsService } from './activation-attempts.service.js';
import { Account } from './entities/account.entity.js';
import { ActivationExpiration } from './entities/activation-expiration.entity.js';
import { PhoneChangeCode } from './entities/phone-change-code.entity.js';
import { PhonesService } from './phones.service.js';

/** Turning accounts on and off. */
@Injectable()
export class ActivationService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly attempts: ActivationAttemptsService,
    private readonly phones: PhonesService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Activates the account that waits for this code. A phone number it was created with becomes its own with that.
   *
   * @throws TooManyAttempts, ActivationCodeWrong (unknown accounts too), ActivationExpired, PhoneTaken.
   */
  async activateByCode(address: SipAddress, code: string): Promise<Account> {
    const takeBack = await this.attempts.begin(formatSip(address));
    try {
      const account = await this.transactions.run((manager) => this.redeemCode(manager, address, code));
      await takeBack();
      return account;
    } catch (error) {
      const isFailure = error instanceof ActivationCodeWrong || error instanceof ActivationExpired;
      if (!isFailure) await takeBack();
      throw error;
    }
  }

  /**
   * Activates an account on an administrator's word. Its code ends; a number that was never confirmed is dropped.
   *
   * @throws AccountNotFound.
   */
  async activate(id: number): Promise<Account> {
    return this.change(id, (manager) => this.finish(manager, id));
  }

  /** @throws AccountNotFound. */
  async deactivate(id: number): Promise<Account> {
    return this.change(id, (manager) => manager.update(Account, { id }, { activated: false }));
  }

  private async redeemCode(manager: EntityManager, address: SipAddress, code: string): Promise<Account> {
    const found = await this.accounts.bySip(address);
    const account = found && (await this.accounts.lockById(found.id, manager));
    if (!account?.confirmationKey || !secretsEqual(account.confirmationKey, code)) throw new ActivationCodeWrong();
    if (account.activationExpiration?.isOver(this.clock.now())) throw new ActivationExpired();
    const pending = await manager.findOneBy(PhoneChangeCode, { accountId: account.id });
    if (pending) await this.phones.assign(manager, account, pending.phone);
    await this.finish(manager, account.id);
    return this.reload(account.id, manager);
  }

  private async finish(manager: EntityManager, id: number): Promise<void> {
    await manager.update(Account, { id }, { activated: true, confirmationKey: null });
    await manager.delete(ActivationExpiration, { accountId: id });
    await manager.delete(PhoneChangeCode, { accountId: id });
  }

  private change(id: number, work: (manager: EntityManager) => Promise<unknown>): Promise<Account> {
    return this.transactions.run(async (manager) => {
      if (!(await this.accounts.lockById(id, manager))) throw new AccountNotFound();
      await work(manager);
      return this.reload(id, manager);
    });
  }

  private async reload(id: number, manager: EntityManager): Promise<Account> {
    const account = await this.accounts.byId(id, manager);
    if (!account) throw new AccountNotFound();
    return account;
  }
}
