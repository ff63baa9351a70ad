import { Injectable } from '@nestjs/common';
import type { DigestAlgorithm } from '../auth/digest/ha1.js';
import { Clock } from '../common/clock.js';
import { Transactions } from '../database/transactions.js';
import { Limits } from '../limits/limits.service.js';
import { networkOf } from '../limits/source-key.js';
import { TokensService } from '../tokens/tokens.service.js';
import { AccountCensus } from './account-census.service.js';
import { AccountCreationService, type Source } from './account-creation.service.js';
import { MailNotDelivered, SmsNotDelivered } from './accounts.errors.js';
import { type ActivationCode, ActivationCodesService, type CodeReceiver } from './activation-codes.service.js';
import { Account } from './entities/account.entity.js';
import { PhoneChangeCode } from './entities/phone-change-code.entity.js';
import { PhonesService } from './phones.service.js';

/** What an app wants an account to be. */
export interface SignUp extends CodeReceiver {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
  readonly algorithm: DigestAlgorithm;
  readonly token: string;
}

/** Lets an app create an account for its user, against a token from a push notification. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly creation: AccountCreationService,
    private readonly census: AccountCensus,
    private readonly tokens: TokensService,
    private readonly phones: PhonesService,
    private readonly codes: ActivationCodesService,
    private readonly transactions: Transactions,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates an account that is not activated, spends the token, and sends the activation code. The account stands
   * before the code is sent, so that of many calls with one token one sends; it goes again if that fails.
   *
   * @throws TooManyAttempts, TokenInvalid, UsernameTaken, PhoneTaken, MailNotDelivered, SmsNotDelivered.
   */
  async register(signUp: SignUp, source: Source): Promise<Account> {
    return this.limits.counting(
      [['accounts', networkOf(source.address)]],
      () => this.createAndTell(signUp, source),
      (error) => error === undefined,
    );
  }

  private async createAndTell(signUp: SignUp, source: Source): Promise<Account> {
    const activation = this.codes.draw(signUp);
    const { account, tokenId } = await this.create(signUp, activation, source);
    if (activation && !(await this.codes.send(signUp, signUp, activation))) {
      await this.undo(account, tokenId);
      throw signUp.email ? new MailNotDelivered() : new SmsNotDelivered();
    }
    this.creation.announce(account, 'token');
    return account;
  }

  private create(signUp: SignUp, activation: ActivationCode | null, source: Source): Promise<{ account: Account; tokenId: string }> {
    const { username, domain, password, algorithm, email, phone } = signUp;
    return this.transactions.run(async (manager) => {
      const tokenId = await this.tokens.redeem(manager, signUp.token);
      if (phone) await this.phones.refuseTaken(manager, phone, signUp);
      const account = await this.creation.create(
        manager,
        {
          username,
          domain,
          password,
          algorithm,
          email,
          activated: false,
          admin: false,
          confirmationKey: activation?.code ?? null,
          confirmationExpires: activation?.expires ?? null,
        },
        source,
      );
      if (phone && activation) {
        const now = this.clock.now();
        await manager.insert(PhoneChangeCode, { accountId: account.id, phone, code: activation.code, createdAt: now, updatedAt: now });
      }
      return { account, tokenId };
    }, this.creation.isolationFor(signUp));
  }

  private undo(account: Account, tokenId: string): Promise<void> {
    return this.transactions.run(async (manager) => {
      // A message that was only late may have been used meanwhile; such an account stays.
      const { affected } = await manager.delete(Account, { id: account.id, activated: false });
      if (!affected) return this.creation.announce(account, 'token');
      await this.tokens.restore(manager, tokenId);
      this.census.note(account.id, -1);
    });
  }
}
