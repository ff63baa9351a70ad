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

/** Aliases of existing accounts. In tables without foreign keys, aliases of deleted accounts may remain. */
const ALIAS = 'SELECT x.id FROM aliases x JOIN accounts a ON a.id = x.account_id';

/**
 * Takes over an alias whose account no longer exists. The subquery locks the rows it reads, so it waits for an account
 * that is being created.
 */
const INHERIT = constantStatement(`
  UPDATE aliases SET account_id = ?, alias = ?
   WHERE alias = ? AND domain = ? AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = aliases.account_id)`);

/**
 * The phone numbers of accounts. They are stored in `aliases` for Flexisip before 2.5, and in `accounts.phone` for
 * later versions.
 *
 * Within a domain, a number leads to one account, either as its phone number or as its username. No unique index spans
 * both tables. So a READ COMMITTED transaction writes the number first, and then looks for another account that has it.
 * Of two concurrent transactions, one finds the row of the other and waits for it, or is restarted and then finds it.
 */
@Injectable()
export class PhonesService {
  /**
   * Checks that a number is free, without assigning it.
   *
   * @param account the account that asks for the number. Its own username may be the number.
   * @throws PhoneTaken if the number is the phone number of an account, or the username of another account, in the
   * domain.
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
   * Assigns the number to the account in place of its previous one, within the caller's READ COMMITTED transaction.
   *
   * @throws PhoneTaken.
   */
  async assign(
    manager: EntityManager,
    account: Named & { id: number; phone?: string | null },
    phone: string,
  ): Promise<void> {
    // Other aliases stay. They belong to an operator or to the SIP side.
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
   * Looks for accounts that conflict with one that was just inserted, within the caller's READ COMMITTED transaction.
   *
   * @throws UsernameTaken if the username is the phone number of another account in the domain.
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

  /**
   * Both tables are checked. A Flexisip 2.5 or a 2021 server on the same database may have written only one of them.
   */
  private async finds(manager: EntityManager, queries: readonly [string, (string | number)[]][]): Promise<boolean> {
    for (const [statement, parameters] of queries) {
      const rows: unknown[] = await manager.query(statement, parameters);
      if (rows.length > 0) return true;
    }
    return false;
  }
}

/** Whether a username could be a phone number. */
export function mayBePhone(username: string): boolean {
  return /^\+?\d+$/.test(username);
}

/**
 * Conflicting transactions for a number write to different tables. Without this lock, two nodes of a cluster would not
 * detect the conflict.
 */
function lockNumber(manager: EntityManager, number: string, { domain }: Pick<Named, 'domain'>): Promise<void> {
  return lockOnAllNodes(manager, `number ${number}@${domain.toLowerCase()}`);
}

/**
 * Makes a read wait for uncommitted rows of other transactions, and see them. SQLite has one writer at a time and needs
 * no lock.
 */
function lock(manager: EntityManager): string {
  return dialectOf(manager.dataSource) === 'mysql' ? 'FOR UPDATE' : '';
}
