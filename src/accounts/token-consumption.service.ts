import { Injectable } from '@nestjs/common';
import type { Account } from '../database/entities/account.entity.js';
import { Transactions } from '../database/transactions.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { CreationTokens, type FoundToken, type ShownToken } from '../tokens/creation-tokens.service.js';
import { TokenNotFound } from '../tokens/tokens.errors.js';
import { AccountsRepository } from './accounts.repository.js';

/** Ties account creation tokens to existing accounts (contract-2x §2), so that these may activate themselves. */
@Injectable()
export class TokenConsumptionService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly repository: AccountsRepository,
    private readonly tokens: CreationTokens,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Marks a token as used by an account. A call that the app sends twice gives the same answer.
   *
   * @throws TokenNotFound, AccountNotFound.
   */
  async consume({ id }: Pick<Account, 'id'>, token: string): Promise<ShownToken> {
    return this.transactions.run(async (manager) => {
      const account = await this.accounts.lock(id, manager);
      const found = await this.tokens.lock(manager, token);
      if (!found) throw new TokenNotFound();
      if (isConsumedBy(found, id)) return found;
      if (!(await this.tokens.spend(manager, found, { by: 'consume', accountId: id }))) throw new TokenNotFound();
      if (!account.hasCreationToken) await this.repository.update(manager, id, { hasCreationToken: true });
      return found;
    }, 'READ COMMITTED');
  }
}

function isConsumedBy(found: FoundToken, accountId: number): boolean {
  return found.is === 'stored' && found.stored.usedBy === 'consume' && found.stored.accountId === accountId;
}
