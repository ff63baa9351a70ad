import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { displaySip } from '../common/sip/sip-address.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Verification } from '../verification/verification.service.js';
import { OwnActivation } from './own-activation.service.js';
import { PhoneChangeCodes } from './phone-change-codes.repository.js';
import { PhonesService } from './phones.service.js';
import { PHONE_CHANGE } from './purposes.js';

/** Changes the phone number of an account after the new one is confirmed. */
@Injectable()
export class PhoneChangeService {
  constructor(
    private readonly verification: Verification,
    private readonly codes: PhoneChangeCodes,
    private readonly phones: PhonesService,
    private readonly accounts: AccountLookup,
    private readonly activation: OwnActivation,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Sends a code to the number. The code is stored after the SMS is delivered, and replaces an earlier one. A request that
   * follows another one for the same number at once sends the same code again. An SMS that fails changes nothing.
   *
   * @param acceptLanguage the Accept-Language header of the caller, for the language of the SMS.
   * @throws TooManyAttempts, PhoneTaken, SmsNotDelivered.
   */
  async request(account: Account, phone: string, acceptLanguage?: string): Promise<void> {
    let earlier: string | null = null;
    await this.verification.issueSecret(PHONE_CHANGE, {
      countsFor: { account: account.id, target: phone },
      reservations: () => [{ subject: `phone code of ${account.id} for ${phone}`, isExclusive: true }],
      check: async (manager) => {
        await this.phones.refuseTaken(manager, phone, account);
        earlier = await this.codes.findRepeatable(manager, account.id, phone);
      },
      message: ({ secret: code }) => ({
        name: `the phone code for ${displaySip(account)}`,
        content: { kind: 'phone-confirmation', to: phone, code: earlier ?? code, acceptLanguage },
      }),
      keep: async (manager, { stored: code }) => {
        if (earlier !== null) return;
        await this.codes.replace(manager, account.id, phone, code);
        this.events.report('phone.requested', account);
      },
    });
  }

  /**
   * Assigns a number, or none, for which an administrator vouches, in the READ COMMITTED transaction of the caller that
   * has locked the account. A number that waits for its code is dropped.
   *
   * @throws PhoneTaken.
   */
  async set(manager: EntityManager, account: Account, phone: string | null): Promise<void> {
    if (phone === null) await this.phones.release(manager, account);
    else await this.phones.assign(manager, account, phone);
    await this.codes.removeAll(manager, account.id);
    this.events.report('phone.changed', account);
  }

  /**
   * Assigns the number to the account, and activates an account that an app has created and that was never activated. A
   * code has three tries. An expired code ends.
   *
   * @throws TooManyAttempts, PhoneCodeNotRequested, PhoneCodeWrong, PhoneCodeExpired, PhoneTaken.
   */
  async confirm(caller: Account, code: string): Promise<Account> {
    return this.activation.runCounted(caller, () =>
      this.verification.redeemSecret(PHONE_CHANGE, this.codes, {
        countsFor: caller.id,
        key: () => caller.id,
        guess: code,
        accept: async (manager, { account, phone }) => {
          await this.phones.assign(manager, account, phone);
          this.events.report('phone.changed', account);
          await this.activation.activateOwner(manager, account);
          return this.accounts.reread(account.id, manager);
        },
      }),
    );
  }
}
