import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { AccountCreationService } from '../accounts/account-creation.service.js';
import { UsernameTaken } from '../accounts/accounts.errors.js';
import { Account } from '../accounts/entities/account.entity.js';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { randomAlphanumeric } from '../common/random.js';
import { formatSip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';

/** A new administrator, with the secrets that are shown this once. */
export interface NewAdministrator {
  /** `user@domain`. */
  readonly sip: string;
  readonly password: string;
  readonly apiKey: string;
}

/** Makes administrators where there is none yet to do so over the API. */
@Injectable()
export class AdministratorsService {
  constructor(
    @InjectRepository(Account) private readonly repository: Repository<Account>,
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
    const account = { username, domain, password, email, algorithm: 'SHA-256', activated: true, admin: true } as const;
    const confirmation = { confirmationKey: null, confirmationExpires: null };
    const apiKey = await this.transactions.run(async (manager) => {
      const created = await this.creation.create(manager, { ...account, ...confirmation }, { address: '127.0.0.1' });
      this.creation.announce(created);
      return this.apiKeys.generate(manager, created.id);
    }, 'READ COMMITTED');
    return { sip: formatSip(account), password, apiKey };
  }

  /** Creates an administrator on an embedded database that has no accounts at all; null elsewhere: there nothing is created unasked. */
  async createFirst(): Promise<NewAdministrator | null> {
    if (this.transactions.dialect !== 'sqlite' || (await this.repository.count()) > 0) return null;
    try {
      return await this.create('administrator');
    } catch (error) {
      // Another process was first.
      if (error instanceof UsernameTaken) return null;
      throw error;
    }
  }
}
