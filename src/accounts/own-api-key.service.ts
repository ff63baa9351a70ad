import { Injectable } from '@nestjs/common';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { AccountBlocked, AccountNotActivated } from '../auth/auth.errors.js';
import type { Account } from '../database/entities/account.entity.js';
import { Transactions } from '../database/transactions.js';
import { AccountLookup } from '../directory/account-lookup.service.js';

/** The API key that an account generates for itself. */
@Injectable()
export class OwnApiKeyService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly apiKeys: ApiKeysService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Generates a new key and ends the previous one.
   *
   * @throws AccountNotFound, AccountBlocked, AccountNotActivated if an administrator was faster.
   */
  async generate({ id }: Pick<Account, 'id'>): Promise<string> {
    return this.transactions.run(async (manager) => {
      const account = await this.accounts.lock(id, manager);
      if (account.blocked) throw new AccountBlocked();
      if (!account.activated) throw new AccountNotActivated();
      return this.apiKeys.generate(manager, account);
    });
  }
}
