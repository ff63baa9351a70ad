import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountBlocked } from '../auth/auth.errors.js';
import { secretsEqual } from '../common/secrets.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import type { Account } from '../database/entities/account.entity.js';
import { Transactions } from '../database/transactions.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Verification } from '../verification/verification.service.js';
import { type AccountCondition, inAnyState } from './account-condition.js';
import { ActivationCodeWrong } from './accounts.errors.js';
import { ActivationCodes, type PendingActivation } from './activation-codes.repository.js';
import { PhonesService } from './phones.service.js';
import { ACTIVATION } from './purposes.js';

/** Activates and deactivates accounts. */
@Injectable()
export class ActivationService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly codes: ActivationCodes,
    private readonly phones: PhonesService,
    private readonly verification: Verification,
    private readonly transactions: Transactions,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Activates the account that waits for this code. A phone number from the creation of the account is assigned with
   * that.
   *
   * @throws TooManyAttempts, ActivationCodeWrong (also for an unknown account), ActivationExpired, PhoneTaken, AccountBlocked.
   */
  async activateByCode(address: SipAddress, code: string): Promise<Account> {
    return this.verification.redeemSecret(ACTIVATION, this.codes, {
      countsFor: formatSip(address),
      key: () => this.findWaiting(address, code),
      guess: code,
      accept: (manager, pending) => this.accept(manager, pending),
    });
  }

  /**
   * Activates an account on behalf of an administrator. Its code ends, and a phone number that was never confirmed is
   * dropped.
   *
   * @throws AccountNotFound.
   */
  async activate(id: number, condition = inAnyState): Promise<Account> {
    return this.turn(id, true, condition);
  }

  /**
   * Deactivates an account. A pending code ends too, so that a user cannot undo the deactivation.
   *
   * @throws AccountNotFound.
   */
  async deactivate(id: number, condition = inAnyState): Promise<Account> {
    return this.turn(id, false, condition);
  }

  /**
   * An unknown address is refused after as much work as a wrong code. The code is compared again after the account is
   * locked.
   */
  private async findWaiting(address: SipAddress, code: string): Promise<number> {
    const found = await this.accounts.bySip(address);
    if (!found || !isCodeOf(found, code)) throw new ActivationCodeWrong();
    return found.id;
  }

  private async accept(manager: EntityManager, { account, phone }: PendingActivation): Promise<Account> {
    if (account.blocked) throw new AccountBlocked();
    if (phone !== null) await this.phones.assign(manager, account, phone);
    this.events.report('account.activated', account, { method: 'code' });
    if (phone !== null) this.events.report('phone.changed', account, { method: 'code' });
    return this.accounts.reread(account.id, manager);
  }

  private turn(id: number, activated: boolean, condition: AccountCondition): Promise<Account> {
    return this.transactions.run(async (manager) => {
      const locked = await this.accounts.lock(id, manager);
      condition(locked);
      await this.turnWithin(manager, locked, activated);
      return this.accounts.reread(id, manager);
    });
  }

  /** Activates or deactivates an account that the caller's transaction has locked. */
  async turnWithin(manager: EntityManager, locked: Account, activated: boolean): Promise<void> {
    await this.codes.setActivated(manager, locked, activated);
    // That an account can no longer activate itself is also a change.
    const isChanged = locked.activated !== activated || locked.wasNeverActivated;
    if (isChanged) this.events.report(activated ? 'account.activated' : 'account.deactivated', locked);
  }
}

function isCodeOf({ confirmationKey }: Account, code: string): boolean {
  return confirmationKey !== null && secretsEqual(confirmationKey, code);
}
