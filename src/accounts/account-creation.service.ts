import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { DigestAlgorithm } from '../auth/digest/ha1.js';
import { Settings } from '../config/settings.js';
import { isDuplicate } from '../database/dialect.js';
import { AccountEvents } from '../events/account-events.service.js';
import type { Means } from '../logging/request-context.js';
import { AccountLookup } from './account-lookup.service.js';
import { UsernameTaken } from './accounts.errors.js';
import { Account } from './entities/account.entity.js';
import { ActivationExpiration } from './entities/activation-expiration.entity.js';
import { Admin } from './entities/admin.entity.js';
import { PasswordsService } from './passwords.service.js';
import { PhonesService } from './phones.service.js';

/** Who asked for an account, for its `ip_address` and `user_agent`. */
export interface Source {
  readonly address: string;
  /** Absent where the client does not say; the application's name then stands for it. */
  readonly userAgent?: string;
}

export interface NewAccount {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
  readonly algorithm: DigestAlgorithm;
  readonly email?: string;
  /** A number that is known to be the account's; one that waits for its confirmation does not belong here. */
  readonly phone?: string;
  readonly activated: boolean;
  readonly admin: boolean;
  readonly confirmationKey: string | null;
  readonly confirmationExpires: Date | null;
}

/** Makes accounts, for whoever may ask. */
@Injectable()
export class AccountCreationService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly passwords: PasswordsService,
    private readonly phones: PhonesService,
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Inserts an account with all that belongs to it, within the caller's READ COMMITTED transaction.
   *
   * @returns the account, read in the same transaction: nothing needs the database any more once it stands.
   * @throws UsernameTaken, PhoneTaken.
   */
  async create(manager: EntityManager, account: NewAccount, source: Source): Promise<Account> {
    const id = await this.insertAccount(manager, account, source);
    await this.phones.refuseAsUsername(manager, { ...account, id });
    const now = this.clock.now();
    await this.passwords.store(manager, { ...account, id }, account.algorithm, account.password);
    if (account.admin) await manager.insert(Admin, { accountId: id, createdAt: now, updatedAt: now });
    if (account.confirmationExpires) {
      await manager.insert(ActivationExpiration, { accountId: id, expires: account.confirmationExpires, createdAt: now, updatedAt: now });
    }
    if (account.phone) await this.phones.assign(manager, { username: account.username, domain: account.domain, id }, account.phone);
    const created = await this.accounts.byId(id, manager);
    if (!created) throw new Error('an account that was just inserted is not there');
    return created;
  }

  /** Tells of a new account, once it is to stay: whoever creates one knows when that is. */
  announce(account: Account, means?: Means): void {
    this.events.report('account.created', account, { means });
    if (account.admin) this.events.report('administrator.granted', account, { means });
  }

  private async insertAccount(manager: EntityManager, account: NewAccount, source: Source): Promise<number> {
    try {
      const { identifiers } = await manager.insert(Account, {
        username: account.username,
        domain: account.domain,
        email: account.email ?? null,
        activated: account.activated,
        confirmationKey: account.confirmationKey,
        ipAddress: source.address,
        userAgent: (source.userAgent || this.settings.appName).slice(0, 256),
        creationTime: this.clock.now(),
      });
      return Number(identifiers[0]?.id);
    } catch (error) {
      throw isDuplicate(error) ? new UsernameTaken() : error;
    }
  }
}
