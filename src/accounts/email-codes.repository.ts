import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EmailChange } from '../database/entities/email-change.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import type { ProofStore } from '../verification/purpose.js';
import type { PendingEmail } from './email-changes.repository.js';
import { EMAIL_CODE } from './purposes.js';

/** The statements on the codes in `email_changed`. A code ends without its link. */
@Injectable()
export class EmailCodes implements ProofStore<number, PendingEmail> {
  constructor(private readonly accounts: AccountLookup) {}

  /** Finds the code of an account, and locks the account. */
  async find(manager: EntityManager, accountId: number): Promise<PendingEmail | null> {
    const account = await this.accounts.lockIfExists(accountId, manager);
    const change = account?.emailChange;
    if (!account || !change?.code) return null;
    const isExpired = (now: Date) => change.isOlderThan(EMAIL_CODE.lifetime, now);
    return { account, newEmail: change.newEmail, stored: change.code, isExpired };
  }

  async end(manager: EntityManager, { account }: PendingEmail): Promise<void> {
    await manager.update(EmailChange, { accountId: account.id }, { code: null });
  }

  async countFailure(manager: EntityManager, { account }: PendingEmail): Promise<number> {
    const failures = (account.emailChange?.failures ?? 0) + 1;
    await manager.update(EmailChange, { accountId: account.id }, { failures });
    return failures;
  }
}
