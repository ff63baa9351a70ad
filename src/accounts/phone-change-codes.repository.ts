import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { Account } from '../database/entities/account.entity.js';
import { PhoneChangeCode } from '../database/entities/phone-change-code.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { type PendingProof, type ProofStore, REPEAT_WINDOW } from '../verification/purpose.js';
import { PHONE_CHANGE } from './purposes.js';

/** A phone number that waits for its confirmation code. */
export interface PendingPhone extends PendingProof {
  readonly account: Account;
  readonly phone: string;
  /** The number of wrong guesses so far. */
  readonly failures: number;
}

/** The statements on `phone_change_codes`. Each runs in the transaction of its caller. */
@Injectable()
export class PhoneChangeCodes implements ProofStore<number, PendingPhone> {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds the phone number of an account that waits for confirmation, and locks the account.
   *
   * @throws AccountNotFound.
   */
  async find(manager: EntityManager, accountId: number): Promise<PendingPhone | null> {
    const account = await this.accounts.lock(accountId, manager);
    const row = await manager.findOneBy(PhoneChangeCode, { accountId });
    if (!row) return null;
    return {
      account,
      phone: row.phone,
      failures: row.failures,
      stored: row.code,
      isExpired: (now) => row.isOlderThan(PHONE_CHANGE.lifetime, now),
    };
  }

  async end(manager: EntityManager, { account }: PendingPhone): Promise<void> {
    await this.removeAll(manager, account.id);
  }

  async countFailure(manager: EntityManager, { account, failures }: PendingPhone): Promise<number> {
    await manager.update(PhoneChangeCode, { accountId: account.id }, { failures: failures + 1 });
    return failures + 1;
  }

  /** Finds the code that was sent to the number of an account a moment ago. Returns null if there is none. */
  async findRepeatable(manager: EntityManager, accountId: number, phone: string): Promise<string | null> {
    const row = await manager.findOneBy(PhoneChangeCode, { accountId });
    return row?.phone === phone && !row.isOlderThan(REPEAT_WINDOW, this.clock.now()) ? row.code : null;
  }

  /** Removes all pending phone numbers of an account, whatever their code. */
  async removeAll(manager: EntityManager, accountId: number): Promise<void> {
    await manager.delete(PhoneChangeCode, { accountId });
  }

  /** Finds the phone number that waits for this code of an account. Returns null if there is none. */
  async phoneOf(manager: EntityManager, accountId: number, code: string): Promise<string | null> {
    return (await manager.findOneBy(PhoneChangeCode, { accountId, code }))?.phone ?? null;
  }

  /** Stores the code of a new account. */
  async insert(manager: EntityManager, accountId: number, phone: string, code: string): Promise<void> {
    const now = this.clock.now();
    await manager.insert(PhoneChangeCode, { accountId, phone, code, failures: 0, createdAt: now, updatedAt: now });
  }

  /**
   * Stores a code in place of an earlier one, and locks the account.
   *
   * @throws AccountNotFound.
   */
  async replace(manager: EntityManager, accountId: number, phone: string, code: string): Promise<void> {
    await this.accounts.lock(accountId, manager);
    await this.removeAll(manager, accountId);
    await this.insert(manager, accountId, phone, code);
  }
}
