import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { formatSip } from '../common/sip/sip-address.js';
import type { Account, DtmfProtocol } from '../database/entities/account.entity.js';
import { Transactions } from '../database/transactions.js';
import type { DigestAlgorithm } from '../digest/ha1.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { Limits } from '../limits/limits.service.js';
import { networkOf } from '../limits/source-key.js';
import { CreationTokens, type FoundToken } from '../tokens/creation-tokens.service.js';
import { TokenInvalid } from '../tokens/tokens.errors.js';
import type { StoredToken } from '../tokens/tokens.repository.js';
import { AccountCreationService, type Source } from './account-creation.service.js';
import { AccountsService } from './accounts.service.js';
import { PasswordsService } from './passwords.service.js';

/** The account that an app requests. */
export interface TokenSignUp {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
  readonly algorithm: DigestAlgorithm;
  readonly dtmfProtocol?: DtmfProtocol;
  /** The account creation token. */
  readonly token: string;
}

/**
 * Creates accounts for the apps of 2022 and later (contract-2x §2): the account first, with an account creation token,
 * and its phone number or e-mail address afterwards. The code that proves one of them activates the account.
 */
@Injectable()
export class TokenSignUpService {
  constructor(
    private readonly creation: AccountCreationService,
    private readonly removal: AccountsService,
    private readonly accounts: AccountLookup,
    private readonly passwords: PasswordsService,
    private readonly tokens: CreationTokens,
    private readonly transactions: Transactions,
    private readonly limits: Limits,
  ) {}

  /**
   * Creates an account that is not activated, and marks the token as used.
   *
   * A call with a token that has already created an account is accepted while that account was never activated: an app
   * sends a request again if the answer is lost, and a person may choose another name. With the same name and password it
   * returns that account. Otherwise a new account replaces it.
   *
   * @throws TooManyAttempts, TokenInvalid, UsernameTaken.
   */
  async signUp(signUp: TokenSignUp, source: Source): Promise<Account> {
    await this.limits.remaining(['activatedAccounts', networkOf(source.address)]);
    return this.transactions.run(async (manager) => {
      // The token is locked first, so that a call that is sent twice finds the account of the first one.
      const token = await this.tokens.lock(manager, signUp.token);
      if (!token) throw new TokenInvalid('account_creation_token');
      const used = usedTokenOf(token);
      return used ? this.signUpAgain(manager, signUp, used, source) : this.create(manager, signUp, token, source);
    }, 'READ COMMITTED');
  }

  private async create(
    manager: EntityManager,
    signUp: TokenSignUp,
    token: FoundToken,
    source: Source,
  ): Promise<Account> {
    const account = await this.insert(manager, signUp, source);
    const isSpent = await this.tokens.spend(manager, token, { by: 'with-creation-token', accountId: account.id });
    if (!isSpent) throw new TokenInvalid('account_creation_token');
    return account;
  }

  private async signUpAgain(
    manager: EntityManager,
    signUp: TokenSignUp,
    token: StoredToken,
    source: Source,
  ): Promise<Account> {
    const isRepeatable = token.usedBy === 'with-creation-token' && token.accountId !== null;
    const earlier = isRepeatable ? await this.accounts.lockIfExists(token.accountId ?? 0, manager) : null;
    if (!earlier?.wasNeverActivated || earlier.blocked) throw new TokenInvalid('account_creation_token');
    if (formatSip(earlier) === formatSip(signUp) && this.passwords.isRight(earlier, signUp.password)) return earlier;
    await this.removal.removeWithin(manager, earlier);
    const account = await this.insert(manager, signUp, source);
    await this.tokens.passOn(manager, token, account.id);
    return account;
  }

  private async insert(manager: EntityManager, signUp: TokenSignUp, source: Source): Promise<Account> {
    const { username, domain, password, algorithm, dtmfProtocol } = signUp;
    const account = await this.creation.create(
      manager,
      {
        username,
        domain,
        password,
        algorithm,
        dtmfProtocol,
        activated: false,
        admin: false,
        confirmationKey: null,
        confirmationExpires: null,
        hasCreationToken: true,
      },
      source,
    );
    this.creation.announce(account, 'token');
    return account;
  }
}

/** The token, if it is used already. One whose push is in progress is not. */
function usedTokenOf(token: FoundToken): StoredToken | null {
  return token.is === 'stored' && token.stored.isUsed ? token.stored : null;
}
