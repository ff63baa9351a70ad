import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { DigestAlgorithm } from '../digest/ha1.js';
import { Settings } from '../config/settings.js';
import type { Dictionary } from '../database/columns/dictionary-text.js';
import { firstCharacters, fitToColumns, isUnstorable } from '../database/column-text.js';
import { isDuplicate } from '../database/dialect.js';
import type { Isolation } from '../database/transactions.js';
import { AccountEvents } from '../events/account-events.service.js';
import type { AuthMethod } from '../common/request-context.js';
import { AccountCount } from '../directory/account-count.service.js';
import { UsernameTaken } from './accounts.errors.js';
import { AccountsRepository } from './accounts.repository.js';
import { Account, type DtmfProtocol } from '../database/entities/account.entity.js';
import { ActivationExpiration } from '../database/entities/activation-expiration.entity.js';
import { Admin } from '../database/entities/admin.entity.js';
import { PasswordsService } from './passwords.service.js';
import { mayBePhone, PhonesService } from './phones.service.js';
import { refuseUnstorable, textsOf } from './stored-texts.js';

/** The source of a request for a new account, stored in its `ip_address` and `user_agent`. */
export interface Source {
  readonly address: string;
  /** Absent if the client does not send one. The name of the application is stored instead. */
  readonly userAgent?: string;
}

/** What people and apps tell of an account besides its address; nothing of it decides who may do what. */
export interface Profile {
  readonly displayName: string | null;
  readonly dtmfProtocol: DtmfProtocol | null;
  readonly dictionary: Dictionary;
}

export interface NewAccount extends Partial<Profile> {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
  readonly algorithm: DigestAlgorithm;
  readonly email?: string;
  /**
   * A phone number that is proven to belong to the account. A number that still waits for confirmation is not set here.
   */
  readonly phone?: string;
  readonly activated: boolean;
  readonly admin: boolean;
  readonly confirmationKey: string | null;
  readonly confirmationExpires: Date | null;
  /** Whether the account is created with an account creation token by a route of contract-2x. Default: false. */
  readonly hasCreationToken?: boolean;
}

/** Creates accounts. Its callers check who may do so. */
@Injectable()
export class AccountCreationService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly accountCount: AccountCount,
    private readonly passwords: PasswordsService,
    private readonly phones: PhonesService,
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Inserts an account with all rows that belong to it, within the caller's transaction. The isolation of that
   * transaction must be {@link isolationFor} the account.
   *
   * @returns the account as it is stored. It need not be read again, because strict mode rejects a value that a column
   * would change.
   * @throws UsernameTaken, PhoneTaken, ValidationFailed.
   */
  async create(manager: EntityManager, given: NewAccount, source: Source): Promise<Account> {
    const account = await this.insert(manager, given, source);
    await this.phones.refuseAsUsername(manager, account);
    account.passwords = [await this.passwords.store(manager, account, given.algorithm, given.password)];
    const { id: accountId, creationTime: now } = account;
    const stamped = { accountId, createdAt: now, updatedAt: now };
    if (given.admin) {
      account.admin = Object.assign(new Admin(), stamped);
      await this.accounts.insertAdmin(manager, account.admin);
    }
    if (given.confirmationExpires) {
      account.activationExpiration = Object.assign(new ActivationExpiration(), {
        ...stamped,
        expires: given.confirmationExpires,
      });
      await this.accounts.insertExpiration(manager, account.activationExpiration);
    }
    if (given.phone) await this.phones.assign(manager, account, given.phone);
    this.accountCount.note(account.id, 1);
    return Object.assign(account, { phone: given.phone ?? null });
  }

  /**
   * The isolation that a transaction needs to create the account. Only accounts with a phone number, or a username that
   * may be one, need a search for conflicts.
   */
  isolationFor({ username, phone }: Pick<NewAccount, 'username' | 'phone'>): Isolation {
    return phone !== undefined || mayBePhone(username) ? 'READ COMMITTED' : 'REPEATABLE READ';
  }

  /** Reports a new account. The caller of `create` calls this when the creation can no longer be refused. */
  announce(account: Account, method?: AuthMethod): void {
    this.events.report('account.created', account, { method });
    if (account.admin) this.events.report('administrator.granted', account, { method });
  }

  /** @throws UsernameTaken; ValidationFailed for members that the columns of an old installation cannot hold. */
  private async insert(manager: EntityManager, given: NewAccount, { address, userAgent }: Source): Promise<Account> {
    const client = firstCharacters(userAgent || this.settings.appName, 256);
    try {
      return await this.insertAs(manager, given, address, client);
    } catch (error) {
      if (!isUnstorable(error)) throw error;
      const { user_agent: readable, ...members } = await fitToColumns(manager, 'accounts', {
        ...textsOf(given),
        user_agent: client,
      });
      refuseUnstorable(textsOf(given), members);
      if (readable === client) throw error;
      return this.insertAs(manager, given, address, readable);
    }
  }

  private async insertAs(
    manager: EntityManager,
    given: NewAccount,
    ipAddress: string,
    userAgent: string,
  ): Promise<Account> {
    const { username, domain, email = null, activated, confirmationKey, hasCreationToken = false } = given;
    const { displayName = null, dtmfProtocol = null, dictionary = {} } = given;
    const row = {
      username,
      domain,
      email,
      activated,
      confirmationKey,
      ipAddress,
      userAgent,
      creationTime: this.clock.now(),
      // An account that waits for a code is known by its code.
      neverActivated: !activated && confirmationKey === null,
      hasCreationToken,
      displayName,
      dtmfProtocol,
      dictionary,
    };
    try {
      const id = await this.accounts.insert(manager, row);
      const state = { blocked: false, activatedBeforeBlock: false, updatedAt: null };
      const others = {
        passwords: [],
        admin: null,
        hasApiKey: false,
        emailChange: null,
        phoneChange: null,
        activationExpiration: null,
      };
      return Object.assign(new Account(), { id, phone: null, ...row, ...state, ...others });
    } catch (error) {
      throw isDuplicate(error) ? new UsernameTaken() : error;
    }
  }
}
