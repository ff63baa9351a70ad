import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { attemptDelivery, type Delivery } from '../common/delivery.js';
import { randomAlphanumeric, randomDigits } from '../common/random.js';
import { formatSip } from '../common/sip/sip-address.js';
import type { DigestAlgorithm } from '../auth/digest/ha1.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { Mailer } from '../mail/mailer.js';
import { SmsSender } from '../sms/sms-sender.js';
import { TokensService } from '../tokens/tokens.service.js';
import { AccountCreationService, type Source } from './account-creation.service.js';
import { AccountLookup } from './account-lookup.service.js';
import { AccountNotFound, MailNotDelivered, SmsNotDelivered } from './accounts.errors.js';
import { Account } from './entities/account.entity.js';
import { PhoneChangeCode } from './entities/phone-change-code.entity.js';
import { PhonesService } from './phones.service.js';

/** What an app wants an account to be. */
export interface SignUp {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
  readonly algorithm: DigestAlgorithm;
  readonly token: string;
  /** One of email and phone at most; the activation code goes there. */
  readonly email?: string;
  readonly phone?: string;
}

/** The code that activates an account, and until when. */
interface Activation {
  readonly code: string;
  readonly expires: Date;
}

/** Lets an app create an account for its user, against a token from a push notification. */
@Injectable()
export class RegistrationService {
  private readonly logger = new Logger(RegistrationService.name);

  constructor(
    private readonly accounts: AccountLookup,
    private readonly creation: AccountCreationService,
    private readonly tokens: TokensService,
    private readonly phones: PhonesService,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    private readonly mailer: Mailer,
    private readonly smsSender: SmsSender,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates an account that is not activated, spends the token, and sends the activation code. The account stands
   * before the code is sent, so that of many calls with one token one sends; it goes again if that fails.
   *
   * @throws TokenInvalid, UsernameTaken, PhoneTaken, MailNotDelivered, SmsNotDelivered.
   */
  async register(registration: SignUp, source: Source): Promise<Account> {
    const activation = this.drawActivation(registration);
    const { id, tokenId } = await this.create(registration, activation, source);
    const delivery = activation && (await this.sendCode(registration, activation));
    if (delivery?.delivered === false) {
      this.logger.error(`The activation code of ${formatSip(registration)} was not delivered: ${delivery.reason}, ${delivery.detail}`);
      await this.undo(id, tokenId);
      throw registration.email ? new MailNotDelivered() : new SmsNotDelivered();
    }
    const account = await this.accounts.byId(id);
    if (!account) throw new AccountNotFound();
    return account;
  }

  private drawActivation({ email, phone }: SignUp): Activation | null {
    if (email) return { code: randomAlphanumeric(13), expires: this.clock.in(this.settings.activationEmailLifetime) };
    if (phone) return { code: randomDigits(4), expires: this.clock.in(this.settings.activationPhoneLifetime) };
    return null;
  }

  private create(registration: SignUp, activation: Activation | null, source: Source): Promise<{ id: number; tokenId: string }> {
    const { phone, ...account } = registration;
    return this.transactions.run(async (manager) => {
      const tokenId = await this.tokens.redeem(manager, registration.token);
      if (phone) await this.phones.refuseTaken(manager, phone, registration);
      const id = await this.creation.create(
        manager,
        {
          ...account,
          activated: false,
          admin: false,
          confirmationKey: activation?.code ?? null,
          confirmationExpires: activation?.expires ?? null,
        },
        source,
      );
      if (phone && activation) {
        const now = this.clock.now();
        await manager.insert(PhoneChangeCode, { accountId: id, phone, code: activation.code, createdAt: now, updatedAt: now });
      }
      return { id, tokenId };
    }, 'READ COMMITTED');
  }

  private async sendCode(registration: SignUp, { code, expires }: Activation): Promise<Delivery> {
    const { email, phone } = registration;
    if (email) {
      return attemptDelivery((signal) =>
        this.mailer.send({ kind: 'activation', to: email, account: formatSip(registration), code, expires }, signal),
      );
    }
    return attemptDelivery((signal) => this.smsSender.send({ kind: 'activation', to: phone ?? '', code }, signal));
  }

  private undo(id: number, tokenId: string): Promise<void> {
    return this.transactions.run(async (manager) => {
      // A message that was only late may have been used meanwhile; such an account stays.
      const { affected } = await manager.delete(Account, { id, activated: false });
      if (affected) await this.tokens.restore(manager, tokenId);
    });
  }
}
