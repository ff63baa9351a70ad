import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Account } from '../database/entities/account.entity.js';
import { ActivationExpiration } from '../database/entities/activation-expiration.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountsRepository } from './accounts.repository.js';
import type { PendingProof, ProofStore } from '../verification/purpose.js';
import { PhoneChangeCodes } from './phone-change-codes.repository.js';

/** An account that waits for its activation code. */
export interface PendingActivation extends PendingProof {
  readonly account: Account;
  /** The phone number from the creation of the account. The activation assigns it. */
  readonly phone: string | null;
}

/**
 * The statements on activation codes: `confirmation_key` of an account, its expiration, and the phone number that waits
 * for the same code.
 */
@Injectable()
export class ActivationCodes implements ProofStore<number, PendingActivation> {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly repository: AccountsRepository,
    private readonly phoneCodes: PhoneChangeCodes,
  ) {}

  /** Finds the account and locks it. */
  async find(manager: EntityManager, accountId: number): Promise<PendingActivation | null> {
    const account = await this.accounts.lockIfExists(accountId, manager);
    const code = account?.confirmationKey;
    if (!account || !code) return null;
    const phone = await this.phoneCodes.phoneOf(manager, accountId, code);
    return { account, phone, stored: code, isExpired: (now) => account.activationExpiration?.isOver(now) ?? false };
  }

  /** Ends the code by activating the account. One statement does both. */
  async end(manager: EntityManager, { account }: PendingActivation): Promise<void> {
    await this.setActivated(manager, account, true);
  }

  /**
   * Activates or deactivates an account, and ends all codes that wait for the activation. A blocked account stays blocked,
   * and takes the new state when it is unblocked.
   */
  async setActivated(manager: EntityManager, account: Account, activated: boolean): Promise<void> {
    const { id: accountId, blocked } = account;
    const state = blocked ? { activatedBeforeBlock: activated } : { activated };
    await this.repository.update(manager, accountId, { ...state, neverActivated: false, confirmationKey: null });
    await manager.delete(ActivationExpiration, { accountId });
    await this.phoneCodes.removeAll(manager, accountId);
  }
}
