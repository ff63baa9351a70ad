import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { DigestAlgorithm } from '../digest/ha1.js';
import { Clock } from '../common/clock.js';
import { formatSip } from '../common/sip/sip-address.js';
import { Transactions } from '../database/transactions.js';
import { Deliveries } from '../deliveries/deliveries.service.js';
import { Limits } from '../limits/limits.service.js';
import { networkOf } from '../limits/source-key.js';
import { TokensService } from '../tokens/tokens.service.js';
import { AccountCreationService, type Source } from './account-creation.service.js';
import { MailNotDelivered, SmsNotDelivered } from './accounts.errors.js';
import { type ActivationCode, ActivationCodesService, type CodeReceiver } from './activation-codes.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { PhoneChangeCode } from '../database/entities/phone-change-code.entity.js';
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
    private readonly tokens: TokensService,
    private readonly phones: PhonesService,
    private readonly codes: ActivationCodesService,
    private readonly transactions: Transactions,
    private readonly deliveries: Deliveries,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates an account that is not activated, and spends the token. If there is an activation code, this happens once it is delivered. The
   * token and the username are reserved meanwhile: calls with one of them at the same time wait for each other.
   *
   * @throws TooManyAttempts, TokenInvalid, UsernameTaken, PhoneTaken, MailNotDelivered, SmsNotDelivered.
   */
  async register(signUp: SignUp, source: Source): Promise<Account> {
    return this.limits.counting(
      [['accounts', networkOf(source.address)]],
      () => this.tellAndCreate(signUp, source),
      (error) => error === undefined,
    );
  }

  private async tellAndCreate(signUp: SignUp, source: Source): Promise<Account> {
    const activation = this.codes.draw(signUp);
    const isolation = this.creation.isolationFor(signUp);
    const create = (manager: EntityManager) => this.create(manager, signUp, activation, source);
    if (!activation) return this.transactions.run(create, isolation);
    return this.deliveries.deliver({
      reservations: [this.tokens.reservationOf(signUp.token), { subject: `account ${formatSip(signUp)}`, isExclusive: true }],
      isolation,
      send: () => this.codes.send(signUp, signUp, activation),
      store: create,
      notDelivered: () => (signUp.email ? new MailNotDelivered() : new SmsNotDelivered()),
    });
  }

  private async create(manager: EntityManager, signUp: SignUp, activation: ActivationCode | null, source: Source): Promise<Account> {
    const { username, domain, password, algorithm, email, phone } = signUp;
    await this.tokens.redeem(manager, signUp.token);
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
    this.creation.announce(account, 'token');
    return account;
  }
}
