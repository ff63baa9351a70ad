import { Injectable } from '@nestjs/common';
import { displaySip } from '../common/sip/sip-address.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Verification } from '../verification/verification.service.js';
import { PhoneChangeCodes } from './phone-change-codes.repository.js';
import { PhonesService } from './phones.service.js';
import { PHONE_CHANGE } from './purposes.js';

/** Lets an account prove a new phone number. */
@Injectable()
export class PhoneChangeService {
  constructor(
    private readonly verification: Verification,
    private readonly codes: PhoneChangeCodes,
    private readonly phones: PhonesService,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Sends a code to the number. It is stored once it has been delivered, in place of an earlier one: an SMS that fails changes nothing.
   *
   * @param acceptLanguage what the caller says of languages, for the SMS.
   * @throws TooManyAttempts, PhoneTaken, SmsNotDelivered.
   */
  async request(account: Account, phone: string, acceptLanguage?: string): Promise<void> {
    await this.verification.issueSecret(PHONE_CHANGE, {
      countsFor: { account: account.id, target: phone },
      check: (manager) => this.phones.refuseTaken(manager, phone, account),
      message: ({ secret: code }) => ({
        name: `the phone code for ${displaySip(account)}`,
        content: { kind: 'phone-confirmation', to: phone, code, acceptLanguage },
      }),
      keep: async (manager, { stored: code }) => {
        await this.codes.replace(manager, account.id, phone, code);
        this.events.report('phone.requested', account);
      },
    });
  }

  /**
   * Makes the number the account's. One try per code: a wrong or late one ends it.
   *
   * @throws TooManyAttempts, PhoneCodeNotRequested, PhoneCodeWrong, PhoneCodeExpired, PhoneTaken.
   */
  async confirm(accountId: number, code: string): Promise<Account> {
    return this.verification.redeemSecret(PHONE_CHANGE, this.codes, {
      countsFor: accountId,
      key: () => accountId,
      guess: code,
      accept: async (manager, { account, phone }) => {
        await this.phones.assign(manager, account, phone);
        this.events.report('phone.changed', account);
        return Object.assign(account, { phone });
      },
    });
  }
}
