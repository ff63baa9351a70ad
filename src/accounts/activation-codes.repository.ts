import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Account } from '../database/entities/account.entity.js';
import { ActivationExpiration } from '../database/entities/activation-expiration.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
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
    await this.setActivated(manager, account.id, true);
  }

  /** Activates or deactivates an account, and ends all codes that wait for the activation. */
  async setActivated(manager: EntityManager, accountId: number, activated: boolean): Promise<void> {
    await manager.update(Account, { id: accountId }, { activated, confirmationKey: null });
    await manager.delete(ActivationExpiration, { accountId });
    await this.phoneCodes.removeAll(manager, accountId);
  }
}
