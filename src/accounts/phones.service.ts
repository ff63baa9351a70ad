import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { constantStatement } from '../database/constant-statement.js';
import { lockOnAllNodes } from '../database/cluster-locks.js';
import { dialectOf, isDuplicate } from '../database/dialect.js';
import { writePrepared } from '../database/prepared.js';
import { PhoneTaken, UsernameTaken } from './accounts.errors.js';
import { Account } from '../database/entities/account.entity.js';
import { Alias } from '../database/entities/alias.entity.js';

interface Named {
  readonly username: string;
  readonly domain: string;
}

/** Aliases of accounts that are there: in tables without foreign keys others may have left theirs behind. */
const ALIAS = 'SELECT x.id FROM aliases x JOIN accounts a ON a.id = x.account_id';

/** Takes over an alias that belongs to no account any more. Its search locks what it reads: an account that is being created is waited for. */
const INHERIT = constantStatement(`
  UPDATE aliases SET account_id = ?, alias = ?
   WHERE alias = ? AND domain = ? AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = aliases.account_id)`);

/**
 * The phone numbers of accounts, kept in `aliases` for Flexisip before 2.5 and in `accounts.phone` for later ones.
 *
 * Within a domain a number leads to one account, whether as its phone or as its username. No unique index spans both
 * tables. So a READ COMMITTED transaction writes the number first, and then looks for another account that has it. Of two concurrent
 * transactions, one finds the other's row, waits for it, or is started again and then finds it.
 */
@Injectable()
export class PhonesService {
  /**
   * Looks whether a number is free, without taking it.
   *
   * @param account whose number it is to be; its own username may be the number.
   * @throws PhoneTaken if the number is an account's phone, or another account's username, in the domain.
   */
  async refuseTaken(manager: EntityManager, phone: string, account: Named & { id?: number }): Promise<void> {
    const isTaken = await this.finds(manager, [
      [`${ALIAS} WHERE x.alias = ? AND x.domain = ?`, [phone, account.domain]],
      ['SELECT id FROM accounts WHERE phone = ? AND domain = ?', [phone, account.domain]],
      [
        'SELECT id FROM accounts WHERE username = ? AND domain = ? AND id <> ?',
        [phone, account.domain, account.id ?? 0],
      ],
    ]);
    if (isTaken) throw new PhoneTaken();
  }

  /**
   * Makes the number the account's, in place of the one it had, within the caller's READ COMMITTED transaction.
   *
   * @throws PhoneTaken.
   */
  async assign(
    manager: EntityManager,
    account: Named & { id: number; phone?: string | null },
    phone: string,
  ): Promise<void> {
    // Other aliases are somebody else's: an operator's, or the SIP side's.
    if (account.phone) await manager.delete(Alias, { accountId: account.id, alias: account.phone });
    try {
      await manager.insert(Alias, { accountId: account.id, alias: phone, domain: account.domain });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const { affected } = await writePrepared(manager, INHERIT, [account.id, phone, phone, account.domain]);
      if (affected !== 1) throw new PhoneTaken();
    }
    await manager.update(Account, { id: account.id }, { phone });
    await lockNumber(manager, phone, account);
    const hasRival = await this.finds(manager, [
      [
        `SELECT id FROM accounts WHERE username = ? AND domain = ? AND id <> ? ${lock(manager)}`,
        [phone, account.domain, account.id],
      ],
      [
        `SELECT id FROM accounts WHERE phone = ? AND domain = ? AND id <> ? ${lock(manager)}`,
        [phone, account.domain, account.id],
      ],
    ]);
    if (hasRival) throw new PhoneTaken();
  }

  /**
   * Looks for rivals of an account that has just been inserted, within the caller's READ COMMITTED transaction.
   *
   * @throws UsernameTaken if its username is somebody's phone number in the domain.
   */
  async refuseAsUsername(manager: EntityManager, { id, username, domain }: Named & { id: number }): Promise<void> {
    if (!mayBePhone(username)) return;
    await lockNumber(manager, username, { domain });
    const hasRival = await this.finds(manager, [
      [`${ALIAS} WHERE x.alias = ? AND x.domain = ? AND x.account_id <> ? ${lock(manager)}`, [username, domain, id]],
      [`SELECT id FROM accounts WHERE phone = ? AND domain = ? AND id <> ? ${lock(manager)}`, [username, domain, id]],
    ]);
    if (hasRival) throw new UsernameTaken();
  }

  /** Both places of a number count: a Flexisip of 2.5 or a server of 2021 beside us may have written one of them alone. */
  private async finds(manager: EntityManager, queries: readonly [string, (string | number)[]][]): Promise<boolean> {
    for (const [statement, parameters] of queries) {
      const rows: unknown[] = await manager.query(statement, parameters);
      if (rows.length > 0) return true;
    }
    return false;
  }
}

/** Whether a username could be somebody's phone number. */
export function mayBePhone(username: string): boolean {
  return /^\+?\d+$/.test(username);
}

/** Rivals for a number write different tables: nothing else makes them meet that are on two nodes of a cluster. */
function lockNumber(manager: EntityManager, number: string, { domain }: Pick<Named, 'domain'>): Promise<void> {
  return lockOnAllNodes(manager, `number ${number}@${domain.toLowerCase()}`);
}

/** Makes a read see, and wait for, what others have not committed yet; SQLite has one writer at a time. */
function lock(manager: EntityManager): string {
  return dialectOf(manager.dataSource) === 'mysql' ? 'FOR UPDATE' : '';
}
