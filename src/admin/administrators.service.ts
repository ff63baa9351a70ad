import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountCreationService } from '../accounts/account-creation.service.js';
import { UsernameTaken } from '../accounts/accounts.errors.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { ValidationFailed } from '../common/errors/app-error.js';
import { randomAlphanumeric } from '../common/random.js';
import { displaySip, type SipAddress } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { AdminsRepository } from './admins.repository.js';

/** A new administrator, with the secrets that are shown this once. */
export interface NewAdministrator {
  readonly address: SipAddress;
  readonly password: string;
  readonly apiKey: string;
}

/** The administrator that the service made by itself; what the operator has chosen is no news, and not told again. */
export type FirstAdministrator = NewAdministrator | Pick<NewAdministrator, 'address'>;

/** FIRST_ADMIN is the name of an account that is no administrator, and there is none. */
export class FirstAdminTaken extends Error {
  constructor(address: SipAddress) {
    super(
      `FIRST_ADMIN: ${displaySip(address)} already exists and is not an administrator. Choose another name, or leave FIRST_ADMIN out.`,
    );
  }
}

/** FIRST_ADMIN is a name that the tables of an old installation cannot hold. */
export class FirstAdminUnstorable extends Error {
  constructor({ message }: ValidationFailed) {
    super(`FIRST_ADMIN: ${message}. Choose another name, or convert the tables to utf8mb4.`);
  }
}

/** Makes administrators where there is none yet to do so over the API. */
@Injectable()
export class AdministratorsService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly admins: AdminsRepository,
    private readonly creation: AccountCreationService,
    private readonly apiKeys: ApiKeysService,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
  ) {}

  /**
   * Creates an activated administrator with an API key, both or neither.
   *
   * @param password drawn if not given.
   * @throws UsernameTaken.
   */
  async create(
    username: string,
    {
      domain = this.settings.sipDomains[0],
      password = randomAlphanumeric(20),
      email,
    }: { domain?: string; password?: string; email?: string } = {},
  ): Promise<NewAdministrator> {
    const apiKey = await this.transactions.run(async (manager) => {
      const created = await this.insert(manager, { username, domain, password, email });
      return this.apiKeys.generate(manager, created);
    }, 'READ COMMITTED');
    return { address: { username, domain }, password, apiKey };
  }

  /**
   * Creates the administrator of FIRST_ADMIN while there is none, and without that setting one on an embedded database that has
   * no accounts at all. Elsewhere nothing is created unasked.
   *
   * @returns null where nothing was to be done.
   * @throws FirstAdminTaken, FirstAdminUnstorable.
   */
  async createFirst(): Promise<FirstAdministrator | null> {
    const { firstAdmin } = this.settings;
    if (!(firstAdmin ? await this.isWithoutAdministrator() : await this.isNewAndEmbedded())) return null;
    const username = firstAdmin?.username ?? 'administrator';
    try {
      return firstAdmin?.password
        ? await this.createWithoutKey(username, firstAdmin.password)
        : await this.create(username);
    } catch (error) {
      if (!(error instanceof UsernameTaken))
        throw error instanceof ValidationFailed ? new FirstAdminUnstorable(error) : error;
      // Another process was first, or the name is somebody else's.
      if (await this.isWithoutAdministrator())
        throw new FirstAdminTaken({ username, domain: this.settings.sipDomains[0] });
      return null;
    }
  }

  private async createWithoutKey(username: string, password: string): Promise<Pick<NewAdministrator, 'address'>> {
    const domain = this.settings.sipDomains[0];
    await this.transactions.run((manager) => this.insert(manager, { username, domain, password }), 'READ COMMITTED');
    return { address: { username, domain } };
  }

  private async insert(
    manager: EntityManager,
    account: { username: string; domain: string; password: string; email?: string },
  ): Promise<Account> {
    const rights = { algorithm: 'SHA-256', activated: true, admin: true } as const;
    const confirmation = { confirmationKey: null, confirmationExpires: null };
    const created = await this.creation.create(
      manager,
      { ...account, ...rights, ...confirmation },
      { address: '127.0.0.1' },
    );
    this.creation.announce(created);
    return created;
  }

  private async isWithoutAdministrator(): Promise<boolean> {
    return !(await this.admins.exist());
  }

  private async isNewAndEmbedded(): Promise<boolean> {
    return this.transactions.dialect === 'sqlite' && !(await this.accounts.exist());
  }
}
