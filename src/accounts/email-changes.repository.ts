import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { Account } from '../database/entities/account.entity.js';
import { EmailChange } from '../database/entities/email-change.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { type PendingProof, type ProofStore, REPEAT_WINDOW } from '../verification/purpose.js';
import { AccountsRepository } from './accounts.repository.js';
import { EMAIL_CHANGE } from './purposes.js';

/** An e-mail address that waits for its confirmation link. */
export interface PendingEmail extends PendingProof {
  readonly account: Account;
  readonly newEmail: string;
}

/** What a mail holds: the text that the secret of its link is derived from, and its code. */
export interface SentSecrets {
  readonly salt: string;
  readonly code: string;
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

  /** Assigns an address that needs no confirmation, or none. An address that waits for confirmation is dropped. */
  async set(manager: EntityManager, accountId: number, email: string | null): Promise<void> {
    await this.repository.update(manager, accountId, { email });
    await manager.delete(EmailChange, { accountId });
  }

  /**
   * Finds the secrets that were sent to an address of an account a moment ago. Returns null if there are none, or if the
   * tries of the code are used up.
   */
  async findRepeatable(manager: EntityManager, accountId: number, newEmail: string): Promise<SentSecrets | null> {
    const change = await manager.findOneBy(EmailChange, { accountId });
    if (change?.newEmail !== newEmail || change.isOlderThan(REPEAT_WINDOW, this.clock.now())) return null;
    const { salt, code } = change;
    return salt === null || code === null ? null : { salt, code };
  }

  /**
   * Stores the secrets of a mail in place of earlier ones, and locks the account.
   *
   * @param hash of the secret in the link.
   * @throws AccountNotFound.
   */
  async replace(
    manager: EntityManager,
    accountId: number,
    change: { readonly newEmail: string; readonly hash: string } & SentSecrets,
  ): Promise<void> {
    await this.accounts.lock(accountId, manager);
    const now = this.clock.now();
    await manager.delete(EmailChange, { accountId });
    await manager.insert(EmailChange, { accountId, ...change, failures: 0, createdAt: now, updatedAt: now });
  }
}

function pendingOf(account: Account | null): PendingEmail | null {
  const change = account?.emailChange;
  if (!account || !change) return null;
  const isExpired = (now: Date) => change.isOlderThan(EMAIL_CHANGE.lifetime, now);
  return { account, newEmail: change.newEmail, stored: change.hash, isExpired };
}
