import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { displaySip, formatSip } from '../common/sip/sip-address.js';
import type { Account } from '../database/entities/account.entity.js';
import { Transactions } from '../database/transactions.js';
import type { DigestAlgorithm } from '../digest/ha1.js';
import { Limits } from '../limits/limits.service.js';
import { networkOf } from '../limits/source-key.js';
import { CreationTokens } from '../tokens/creation-tokens.service.js';
import { TokenInvalid } from '../tokens/tokens.errors.js';
import type { IssuedSecret } from '../verification/purpose.js';
import { Verification } from '../verification/verification.service.js';
import { AccountCreationService, type Source } from './account-creation.service.js';
import { PhoneChangeCodes } from './phone-change-codes.repository.js';
import { PhonesService } from './phones.service.js';
import { ACTIVATION_BY_MAIL, ACTIVATION_BY_SMS } from './purposes.js';

/** The account that an app requests. At most one of email and phone is set. */
export interface SignUp {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
  readonly algorithm: DigestAlgorithm;
  readonly token: string;
  /** The address that the activation code is sent to. */
  readonly email?: string;
  readonly phone?: string;
  /** The Accept-Language header of the app, for the language of the message (RFC 9110 §12.5.4). */
  readonly acceptLanguage?: string;
}

/** Creates accounts for the users of an app. Each requires a token from a push notification. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly creation: AccountCreationService,
    private readonly tokens: CreationTokens,
    private readonly phones: PhonesService,
    private readonly phoneCodes: PhoneChangeCodes,
    private readonly verification: Verification,
    private readonly transactions: Transactions,
    private readonly limits: Limits,
  ) {}

  /**
   * Creates an account that is not activated, and marks the token as used. If there is an activation code to send, this
   * happens after its delivery. The token and the username are reserved meanwhile, so concurrent calls with one of them
   * run one after the other.
   *
   * @throws TooManyAttempts, TokenInvalid, UsernameTaken, PhoneTaken, MailNotDelivered, SmsNotDelivered.
   */
  async register(signUp: SignUp, source: Source): Promise<Account> {
    return this.limits.runCounted(
      [['accounts', networkOf(source.address)]],
      () => this.sendCodeAndCreate(signUp, source),
      (error) => error === undefined,
    );
  }

  /** Creates the account immediately if there is no address or number to send a code to. */
  private async sendCodeAndCreate(signUp: SignUp, source: Source): Promise<Account> {
    const { email, phone, acceptLanguage } = signUp;
    const request = {
      reservations: () => [
        this.tokens.reservationOf(signUp.token),
        { subject: `account ${formatSip(signUp)}`, isExclusive: true },
      ],
      isolation: this.creation.isolationFor(signUp),
      keep: (manager: EntityManager, code: IssuedSecret) => this.create(manager, signUp, code, source),
    };
    const account = displaySip(signUp);
    const name = `the activation code of ${account}`;
    if (email) {
      return this.verification.issueSecret(ACTIVATION_BY_MAIL, {
        ...request,
        message: ({ secret: code, expires }) => ({
          name,
          content: { kind: 'activation', to: email, account, code, expires, acceptLanguage },
        }),
      });
    }
    if (phone) {
      return this.verification.issueSecret(ACTIVATION_BY_SMS, {
        ...request,
        message: ({ secret: code }) => ({ name, content: { kind: 'activation', to: phone, code, acceptLanguage } }),
      });
    }
    return this.transactions.run((manager) => this.create(manager, signUp, null, source), request.isolation);
  }

  private async create(
    manager: EntityManager,
    signUp: SignUp,
    code: IssuedSecret | null,
    source: Source,
  ): Promise<Account> {
    const { username, domain, password, algorithm, email, phone } = signUp;
    const token = await this.tokens.findUnused(manager, signUp.token);
    if (!token) throw new TokenInvalid();
    // Equivalent mutant `if (true)`: no number is undefined.
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
        // Equivalent mutant `nothing`: undefined gives no administrator rights.
        admin: false,
        // Equivalent mutant `(code?.stored)`: TypeORM writes null for undefined.
        confirmationKey: code?.stored ?? null,
        // Equivalent mutant `(code?.expires)`: TypeORM writes null for undefined.
        confirmationExpires: code?.expires ?? null,
      },
      source,
    );
    const use = { by: 'with-token', accountId: account.id } as const;
    if (!(await this.tokens.spend(manager, token, use))) throw new TokenInvalid();
    // Equivalent mutant `((phone))`: an account with a phone has a code to activate it.
    if (phone && code) await this.phoneCodes.insert(manager, account.id, phone, code.stored);
    this.creation.announce(account, 'token');
    return account;
  }
}
