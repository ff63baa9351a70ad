import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { Account } from '../database/entities/account.entity.js';
import { EmailChange } from '../database/entities/email-change.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import type { PendingProof, ProofStore } from '../verification/purpose.js';
import { AccountsRepository } from './accounts.repository.js';
import { EMAIL_CHANGE } from './purposes.js';

/** An e-mail address that waits for its confirmation link. */
export interface PendingEmail extends PendingProof {
  readonly account: Account;
  readonly newEmail: string;
}

/** The statements on `email_changed`. Methods that take a manager run in its transaction. */
@Injectable()
export class EmailChanges implements ProofStore<number, PendingEmail> {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly repository: AccountsRepository,
    private readonly clock: Clock,
  ) {}

  /** Finds the e-mail address of an account that waits for confirmation. */
  async peek(accountId: number): Promise<PendingEmail | null> {
    return pendingOf(await this.accounts.byId(accountId));
  }

  /** Like `peek`, and locks the account. */
  async find(manager: EntityManager, accountId: number): Promise<PendingEmail | null> {
    return pendingOf(await this.accounts.lockIfExists(accountId, manager));
  }

  async end(manager: EntityManager, { account }: PendingEmail): Promise<void> {
    await manager.delete(EmailChange, { accountId: account.id });
  }

  /** Assigns the new address to the account. */
  async assign(manager: EntityManager, { account, newEmail }: PendingEmail): Promise<void> {
    await this.repository.update(manager, account.id, { email: newEmail });
  }

  /**
   * Stores the hash of a secret in place of an earlier one, and locks the account.
   *
   * @throws AccountNotFound.
   */
  async replace(manager: EntityManager, accountId: number, newEmail: string, hash: string): Promise<void> {
    await this.accounts.lock(accountId, manager);
    const now = this.clock.now();
    await manager.delete(EmailChange, { accountId });
    await manager.insert(EmailChange, { accountId, newEmail, hash, createdAt: now, updatedAt: now });
  }
}

function pendingOf(account: Account | null): PendingEmail | null {
  const change = account?.emailChange;
  if (!account || !change) return null;
  const isExpired = (now: Date) => change.isOlderThan(EMAIL_CHANGE.lifetime, now);
  return { account, newEmail: change.newEmail, stored: change.hash, isExpired };
}
