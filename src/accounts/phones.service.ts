import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { dialectOf, isDuplicate } from '../database/dialect.js';
import { PhoneTaken, UsernameTaken } from './accounts.errors.js';
import { Account } from './entities/account.entity.js';
import { Alias } from './entities/alias.entity.js';

interface Named {
  readonly username: string;
  readonly domain: string;
}

/**
 * The phone numbers of accounts, kept in `aliases` for Flexisip before 2.5 and in `accounts.phone` for later ones.
 *
 * Within a domain a number leads to one account, whether as its phone or as its username. No unique index spans both
 * tables: on MySQL the reads below lock what they do not find, so that of two calls for the same number one waits for
 * the other, or is started again and then finds it.
 */
@Injectable()
export class PhonesService {
  /**
   * @param account whose number it is to be; its own username may be the number.
   * @throws PhoneTaken if the number is an account's phone, or another account's username, in the domain.
   */
  async refuseTaken(manager: EntityManager, phone: string, account: Named & { id?: number }): Promise<void> {
    const isPhone = await this.isPhone(manager, phone, account.domain);
    const asUsername: { id: number }[] = await manager.query(
      `SELECT id FROM accounts WHERE username = ? AND domain = ? ${this.lock(manager)}`,
      [phone, account.domain],
    );
    if (isPhone || asUsername.some(({ id }) => id !== account.id)) throw new PhoneTaken();
  }

  /** @throws UsernameTaken if the username is somebody's phone number in the domain. */
  async refuseAsUsername(manager: EntityManager, { username, domain }: Named): Promise<void> {
    if (!/^\+?\d+$/.test(username)) return;
    if (await this.isPhone(manager, username, domain)) throw new UsernameTaken();
  }

  /**
   * Makes the number the account's, in place of the one it had.
   *
   * @throws PhoneTaken.
   */
  async assign(manager: EntityManager, account: Named & { id: number; phone?: string | null }, phone: string): Promise<void> {
    await this.refuseTaken(manager, phone, account);
    // Other aliases are somebody else's: an operator's, or the SIP side's.
    if (account.phone) await manager.delete(Alias, { accountId: account.id, alias: account.phone });
    try {
      await manager.insert(Alias, { accountId: account.id, alias: phone, domain: account.domain });
    } catch (error) {
      throw isDuplicate(error) ? new PhoneTaken() : error;
    }
    await manager.update(Account, { id: account.id }, { phone });
  }

  /** Both places count: a Flexisip of 2.5 or a server of 2021 beside us may have written one of them alone. */
  private async isPhone(manager: EntityManager, phone: string, domain: string): Promise<boolean> {
    const lock = this.lock(manager);
    const aliases: unknown[] = await manager.query(`SELECT id FROM aliases WHERE alias = ? AND domain = ? ${lock}`, [phone, domain]);
    const accounts: unknown[] = await manager.query(`SELECT id FROM accounts WHERE phone = ? AND domain = ? ${lock}`, [phone, domain]);
    return aliases.length > 0 || accounts.length > 0;
  }

  private lock(manager: EntityManager): string {
    return dialectOf(manager.dataSource) === 'mysql' ? 'FOR UPDATE' : '';
  }
}
