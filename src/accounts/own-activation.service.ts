import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Account } from '../database/entities/account.entity.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Limits } from '../limits/limits.service.js';
import { networkOf } from '../limits/source-key.js';
import { ActivationCodes } from './activation-codes.repository.js';

/**
 * The activation of an account by its owner, who proves a phone number or an e-mail address (contract-2x §1). Only an
 * account that has an account creation token, and was never activated, is activated in this way.
 */
@Injectable()
export class OwnActivation {
  constructor(
    private readonly codes: ActivationCodes,
    private readonly limits: Limits,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Runs work that activates an account, and counts the activation for the source address that created the account.
   *
   * @throws TooManyAttempts if too many of its accounts were activated, and every error of the work.
   */
  runCounted<T>(account: Account | null, work: () => Promise<T>): Promise<T> {
    const uses = account && mayActivate(account) ? [['activatedAccounts', networkOf(account.ipAddress)] as const] : [];
    return this.limits.runCounted(uses, work, (error) => error === undefined);
  }

  /** Activates the account if its owner may do so, in the transaction that has locked it and accepted a proof. */
  async activateOwner(manager: EntityManager, account: Account): Promise<void> {
    if (!mayActivate(account)) return;
    await this.codes.setActivated(manager, account, true);
    this.events.report('account.activated', account, { method: 'code' });
  }
}

function mayActivate({ wasNeverActivated, hasCreationToken, blocked }: Account): boolean {
  return wasNeverActivated && hasCreationToken && !blocked;
}
