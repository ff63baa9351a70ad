import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { lockOnAllNodes } from '../database/cluster-locks.js';
import { constantStatement } from '../database/constant-statement.js';
import { dialectOf, isDuplicate } from '../database/dialect.js';
import { Alias } from '../database/entities/alias.entity.js';
import { writePrepared } from '../database/prepared.js';
import { AccountsRepository } from './accounts.repository.js';

/** A number within a domain. */
export interface NumberInDomain {
  readonly number: string;
  readonly domain: string;
}

type Query = readonly [statement: string, parameters: (string | number)[]];

/** Aliases of accounts that exist. In tables without foreign keys, deleted accounts may have left their aliases. */
const ALIAS = 'SELECT x.id FROM aliases x JOIN accounts a ON a.id = x.account_id';
const PHONE = 'SELECT id FROM accounts WHERE phone = ? AND domain = ?';
const USERNAME = 'SELECT id FROM accounts WHERE username = ? AND domain = ?';

/** Takes over an alias without an account. The search locks the rows that it reads, and so waits for an account in creation. */
const INHERIT = constantStatement(`
  UPDATE aliases SET account_id = ?, alias = ?
   WHERE alias = ? AND domain = ? AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = aliases.account_id)`);

/**
 * The statements on phone numbers, in `aliases` and `accounts.phone`. A Flexisip of 2.5 or a server of 2021 on the same
 * database may write one of the two places alone, so a search looks at both. All run in the transaction of their caller.
 */
@Injectable()
export class PhoneNumbersRepository {
  constructor(private readonly accounts: AccountsRepository) {}

  /** Whether the number is the phone of an account, or the username of an account other than this one. */
  isTaken(manager: EntityManager, { number, domain }: NumberInDomain, accountId: number): Promise<boolean> {
    return this.finds(manager, [
      [`${ALIAS} WHERE x.alias = ? AND x.domain = ?`, [number, domain]],
      [PHONE, [number, domain]],
      [`${USERNAME} AND id <> ?`, [number, domain, accountId]],
    ]);
  }

  /**
   * Whether the number is the phone or the username of another account. Sees uncommitted rows of others by waiting for
   * their transactions.
   */
  async isRivalled(manager: EntityManager, { number, domain }: NumberInDomain, accountId: number): Promise<boolean> {
    await lockNumber(manager, { number, domain });
    return this.finds(manager, [
      [`${USERNAME} AND id <> ? ${lock(manager)}`, [number, domain, accountId]],
      [`${PHONE} AND id <> ? ${lock(manager)}`, [number, domain, accountId]],
    ]);
  }

  /** Whether the username of an account is the phone of another account. Waits like {@link isRivalled}. */
  async isPhoneOfAnother(
    manager: EntityManager,
    { number, domain }: NumberInDomain,
    accountId: number,
  ): Promise<boolean> {
    await lockNumber(manager, { number, domain });
    return this.finds(manager, [
      [
        `${ALIAS} WHERE x.alias = ? AND x.domain = ? AND x.account_id <> ? ${lock(manager)}`,
        [number, domain, accountId],
      ],
      [`${PHONE} AND id <> ? ${lock(manager)}`, [number, domain, accountId]],
    ]);
  }

  /** Removes a number from the aliases of an account. */
  async removeAlias(manager: EntityManager, accountId: number, number: string): Promise<void> {
    await manager.delete(Alias, { accountId, alias: number });
  }

  /** Removes the number of an account from both places. */
  async remove(manager: EntityManager, number: string, accountId: number): Promise<void> {
    await this.removeAlias(manager, accountId, number);
    await this.accounts.update(manager, accountId, { phone: null });
  }

  /**
   * Stores a number in both places.
   *
   * @returns false if the number is the alias of another account.
   */
  async insert(manager: EntityManager, { number, domain }: NumberInDomain, accountId: number): Promise<boolean> {
    try {
      await manager.insert(Alias, { accountId, alias: number, domain });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const { affected } = await writePrepared(manager, INHERIT, [accountId, number, number, domain]);
      if (affected !== 1) return false;
    }
    await this.accounts.update(manager, accountId, { phone: number });
    return true;
  }

  private async finds(manager: EntityManager, queries: readonly Query[]): Promise<boolean> {
    for (const [statement, parameters] of queries) {
      const rows: unknown[] = await manager.query(statement, parameters);
      if (rows.length > 0) return true;
    }
    return false;
  }
}

/** Rivals for a number write to different tables, so on a cluster only this lock makes two nodes meet. */
function lockNumber(manager: EntityManager, { number, domain }: NumberInDomain): Promise<void> {
  return lockOnAllNodes(manager, `number ${number}@${domain.toLowerCase()}`);
}

/** Makes a read wait for uncommitted rows. SQLite has one writer at a time and needs no lock. */
function lock(manager: EntityManager): string {
  return dialectOf(manager.dataSource) === 'mysql' ? 'FOR UPDATE' : '';
}
