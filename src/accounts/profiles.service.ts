import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { formatSip } from '../common/sip/sip-address.js';
import { fitToColumns, isUnstorable } from '../database/column-text.js';
import { formatDictionary } from '../database/columns/dictionary-text.js';
import { isDuplicate } from '../database/dialect.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountEvents } from '../events/account-events.service.js';
import type { Profile } from './account-creation.service.js';
import { UsernameTaken } from './accounts.errors.js';
import { AccountsRepository } from './accounts.repository.js';
import { PhonesService } from './phones.service.js';
import { refuseUnstorable, textsOf } from './stored-texts.js';

/** The username and the profile of an account. Each change runs in the transaction of its caller. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly repository: AccountsRepository,
    private readonly phones: PhonesService,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Gives an account another username, within a READ COMMITTED transaction that has locked it. Its passwords must be
   * replaced too: their hashes hold the username.
   *
   * @returns the account under its new name.
   * @throws UsernameTaken, ValidationFailed for a name that the database cannot store.
   */
  async rename(manager: EntityManager, account: Account, username: string): Promise<Account> {
    try {
      await this.store(manager, account.id, { username });
    } catch (error) {
      throw isDuplicate(error) ? new UsernameTaken() : error;
    }
    const renamed = Object.assign(Object.create(Object.getPrototypeOf(account)) as Account, account, { username });
    await this.phones.refuseAsUsername(manager, renamed);
    this.events.report('account.renamed', renamed, { former: formatSip(account) });
    return renamed;
  }

  /**
   * Changes the members of a profile that differ.
   *
   * @throws ValidationFailed for a text that the database cannot store.
   */
  async change(manager: EntityManager, account: Account, given: Partial<Profile>): Promise<void> {
    const { displayName, dtmfProtocol, dictionary } = given;
    const isOtherDictionary =
      dictionary !== undefined && formatDictionary(dictionary) !== formatDictionary(account.dictionary);
    const changes = {
      ...(displayName !== undefined && displayName !== account.displayName && { displayName }),
      ...(dtmfProtocol !== undefined && dtmfProtocol !== account.dtmfProtocol && { dtmfProtocol }),
      ...(isOtherDictionary && { dictionary }),
    };
    if (Object.keys(changes).length === 0) return;
    await this.store(manager, account.id, changes);
    this.events.report('account.changed', account);
  }

  private async store(
    manager: EntityManager,
    id: number,
    changes: Partial<Profile & Pick<Account, 'username'>>,
  ): Promise<void> {
    try {
      await this.repository.update(manager, id, changes);
    } catch (error) {
      if (isUnstorable(error)) {
        const texts = textsOf(changes);
        refuseUnstorable(texts, await fitToColumns(manager, 'accounts', texts));
      }
      throw error;
    }
  }
}
