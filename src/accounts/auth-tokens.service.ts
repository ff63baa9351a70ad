import { Injectable } from '@nestjs/common';
import { ApiKeysService } from '../auth/api-keys.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { Transactions } from '../database/transactions.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import type { DrawnToken } from '../tokens/drawn-token.js';
import { OneTimeTokens, type StoredOneTimeToken } from '../tokens/one-time-tokens.repository.js';
import { TokenNotFound } from '../tokens/tokens.errors.js';

/** The characters of a token, and its lifetime in seconds (contract-2x §2). */
const AUTH_TOKEN = { kind: 'auth', length: 32, lifetime: 300 } as const;

/**
 * Auth tokens (contract-2x §2). A device that has no account draws a token and shows it, for example as a QR code. A
 * device that has an account attaches it to the token. The first device then exchanges the token for an API key.
 */
@Injectable()
export class AuthTokensService {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly accounts: AccountLookup,
    private readonly apiKeys: ApiKeysService,
    private readonly transactions: Transactions,
  ) {}

  /** Draws a token that belongs to no account. */
  issue(): Promise<DrawnToken> {
    return this.transactions.run((manager) => this.tokens.draw(manager, AUTH_TOKEN));
  }

  /**
   * Attaches an account to a token. A second call of the same account changes nothing, because an app sends a request
   * again if its answer is lost.
   *
   * @throws TokenNotFound, AccountNotFound.
   */
  async attach({ id }: Pick<Account, 'id'>, token: string): Promise<void> {
    await this.transactions.run(async (manager) => {
      // Every transaction locks the account first, then the token. So none of them wait for each other.
      await this.accounts.lock(id, manager);
      const found = await this.tokens.find(manager, AUTH_TOKEN.kind, token, { isLocked: true });
      if (!isOpen(found)) throw new TokenNotFound();
      if (found.accountId === id) return;
      if (!(await this.tokens.attach(manager, found.id, id))) throw new TokenNotFound();
    }, 'READ COMMITTED');
  }

  /**
   * Exchanges a token for a new API key of its account. This ends the token and the account's previous key. Of
   * concurrent calls, exactly one succeeds.
   *
   * @throws TokenNotFound, also if the account was blocked or turned off since it was attached.
   */
  async exchange(token: string): Promise<string> {
    return this.transactions.run(async (manager) => {
      const found = await this.tokens.find(manager, AUTH_TOKEN.kind, token, { isLocked: false });
      if (!isOpen(found) || found.accountId === null) throw new TokenNotFound();
      const account = await this.accounts.lockIfExists(found.accountId, manager);
      if (!account || !mayHaveKey(account)) throw new TokenNotFound();
      if (!(await this.tokens.remove(manager, found.id))) throw new TokenNotFound();
      return this.apiKeys.generate(manager, account, { method: 'token' });
    }, 'READ COMMITTED');
  }
}

function isOpen(found: StoredOneTimeToken | null): found is StoredOneTimeToken {
  return found !== null && !found.isExpired && found.used === null;
}

/**
 * An account that is not activated yet gets a key too: with the key it may call what it may call with its password. One
 * that an administrator turned off gets none.
 */
function mayHaveKey({ blocked, activated, wasNeverActivated }: Account): boolean {
  return !blocked && (activated || wasNeverActivated);
}
