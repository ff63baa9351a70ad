import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PhoneTaken, UsernameTaken } from './accounts.errors.js';
import { PhoneNumbersRepository } from './phone-numbers.repository.js';

interface Named {
  readonly username: string;
  readonly domain: string;
}

/**
 * The phone numbers of accounts, stored in `aliases` for Flexisip before 2.5 and in `accounts.phone` for later versions.
 *
 * Within a domain, a number leads to one account, as its phone or as its username. No unique index spans both tables. So
 * a READ COMMITTED transaction first writes the number, then looks for another account that has it. Of two concurrent
 * transactions, one finds the row of the other and waits for it, or starts again and then finds it.
 */
@Injectable()
export class PhonesService {
  constructor(private readonly numbers: PhoneNumbersRepository) {}

  /**
   * Checks that a number is free, without taking it.
   *
   * @param account the account that wants the number. Its own username may be the number.
   * @throws PhoneTaken if the number is the phone of an account, or the username of another account, in the domain.
   */
  async refuseTaken(manager: EntityManager, phone: string, account: Named & { id?: number }): Promise<void> {
    const number = { number: phone, domain: account.domain };
    if (await this.numbers.isTaken(manager, number, account.id ?? 0)) throw new PhoneTaken();
  }

  /**
   * Gives the number to the account, in place of its former number, within the READ COMMITTED transaction of the caller.
   *
   * @throws PhoneTaken.
   */
  async assign(
    manager: EntityManager,
    account: Named & { id: number; phone?: string | null },
    phone: string,
  ): Promise<void> {
    const { id, domain, phone: former } = account;
    const number = { number: phone, domain };
    // Other aliases of the account are not its number: an operator or the SIP side has made them.
    if (former) await this.numbers.removeAlias(manager, id, former);
    if (!(await this.numbers.insert(manager, number, id))) throw new PhoneTaken();
    if (await this.numbers.isRivalled(manager, number, id)) throw new PhoneTaken();
  }

  /** Takes the number of an account away, within the transaction of the caller. */
  async release(manager: EntityManager, { id, phone }: { id: number; phone: string | null }): Promise<void> {
    if (phone !== null) await this.numbers.remove(manager, phone, id);
  }

  /**
   * Looks for rivals of an account, within the READ COMMITTED transaction of the caller that has inserted or renamed it.
   *
   * @throws UsernameTaken if its username is the phone number of another account in the domain.
   */
  async refuseAsUsername(manager: EntityManager, { id, username, domain }: Named & { id: number }): Promise<void> {
    if (!mayBePhone(username)) return;
    if (await this.numbers.isPhoneOfAnother(manager, { number: username, domain }, id)) throw new UsernameTaken();
  }
}

/** Whether a username could be a phone number. */
export function mayBePhone(username: string): boolean {
  return /^\+?\d+$/.test(username);
}
