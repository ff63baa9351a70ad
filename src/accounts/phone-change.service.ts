import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { OutboundCalls } from '../outbound/outbound-calls.service.js';
import { randomDigits } from '../common/random.js';
import { secretsEqual } from '../common/secrets.js';
import { displaySip } from '../common/sip/sip-address.js';
import { Transactions } from '../database/transactions.js';
import { Deliveries } from '../deliveries/deliveries.service.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Limits, type Use } from '../limits/limits.service.js';
import { SmsSender } from '../sms/sms-sender.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import { PhoneCodeExpired, PhoneCodeNotRequested, PhoneCodeWrong, PhoneTaken, SmsNotDelivered } from './accounts.errors.js';
import type { Account } from '../database/entities/account.entity.js';
import { PhoneChangeCode } from '../database/entities/phone-change-code.entity.js';
import { PhonesService } from './phones.service.js';

/** Seconds for which a code is accepted (protocol §5). */
export const PHONE_CODE_LIFETIME = 600;

/** Lets an account prove a new phone number. */
@Injectable()
export class PhoneChangeService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly phones: PhonesService,
    private readonly transactions: Transactions,
    private readonly deliveries: Deliveries,
    private readonly smsSender: SmsSender,
    private readonly outbound: OutboundCalls,
    private readonly limits: Limits,
    private readonly events: AccountEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Sends a code to the number. It is stored once it has been delivered, in place of an earlier one: an SMS that
   * fails changes nothing. An SMS that was delivered counts, even if the database is away afterwards.
   *
   * @param acceptLanguage what the caller says of languages, for the SMS.
   * @throws TooManyAttempts, PhoneTaken, SmsNotDelivered.
   */
  async request(account: Account, phone: string, acceptLanguage?: string): Promise<void> {
    const uses: Use[] = [
      ['phoneRequestsPerAccount', account.id],
      ['phoneRequestsPerNumber', phone],
    ];
    let isDelivered = false;
    await this.limits.counting(
      uses,
      () => this.sendCode(account, phone, acceptLanguage, () => (isDelivered = true)),
      // Whoever asks for numbers that are taken learns whose they may be.
      (error) => isDelivered || error instanceof PhoneTaken,
    );
  }

  /**
   * Makes the number the account's. One try per code: a wrong or late one ends it.
   *
   * @throws TooManyAttempts, PhoneCodeNotRequested, PhoneCodeWrong, PhoneCodeExpired, PhoneTaken.
   */
  async confirm(accountId: number, code: string): Promise<Account> {
    return this.limits.counting(
      [['failedPhoneCodes', accountId]],
      () => this.redeem(accountId, code),
      (error) => error instanceof PhoneCodeWrong || error instanceof PhoneCodeExpired,
    );
  }

  private async sendCode(account: Account, phone: string, acceptLanguage: string | undefined, onDelivery: () => void): Promise<void> {
    const code = randomDigits(4);
    await this.deliveries.deliver({
      // Of several requests at once the last one that is delivered counts.
      reservations: [],
      // REPEATABLE READ would show the account as it was when the number was looked for.
      isolation: 'READ COMMITTED',
      check: (manager) => this.phones.refuseTaken(manager, phone, account),
      send: () =>
        this.outbound.deliver('sms', `the phone code for ${displaySip(account)}`, (signal) =>
          this.smsSender.send({ kind: 'phone-confirmation', to: phone, code, acceptLanguage }, signal),
        ),
      onDelivery,
      store: (manager) => this.store(manager, account, phone, code),
      notDelivered: () => new SmsNotDelivered(),
    });
  }

  private async store(manager: EntityManager, account: Account, phone: string, code: string): Promise<void> {
    const accountId = account.id;
    if (!(await this.accounts.lockById(accountId, manager))) throw new AccountNotFound();
    const now = this.clock.now();
    await manager.delete(PhoneChangeCode, { accountId });
    await manager.insert(PhoneChangeCode, { accountId, phone, code, createdAt: now, updatedAt: now });
    this.events.report('phone.requested', account);
  }

  private async redeem(accountId: number, code: string): Promise<Account> {
    const outcome = await this.transactions.run(async (manager) => {
      const account = await this.accounts.lockById(accountId, manager);
      if (!account) throw new AccountNotFound();
      const pending = await manager.findOneBy(PhoneChangeCode, { accountId });
      if (!pending) throw new PhoneCodeNotRequested();
      await manager.delete(PhoneChangeCode, { accountId });
      // Returned, not thrown: that the code has ended must be committed.
      return this.refusal(pending, code) ?? (await this.assign(manager, account, pending.phone));
    }, 'READ COMMITTED');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  private refusal(pending: PhoneChangeCode, code: string): Error | null {
    if (!secretsEqual(pending.code, code)) return new PhoneCodeWrong();
    return pending.isOlderThan(PHONE_CODE_LIFETIME, this.clock.now()) ? new PhoneCodeExpired() : null;
  }

  private async assign(manager: EntityManager, account: Account, phone: string): Promise<Account> {
    await this.phones.assign(manager, account, phone);
    this.events.report('phone.changed', account);
    return Object.assign(account, { phone });
  }
}
