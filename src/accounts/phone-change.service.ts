import { Injectable } from '@nestjs/common';
import { displaySip } from '../common/sip/sip-address.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Verification } from '../verification/verification.service.js';
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
    private readonly events: AccountEvents,
  ) {}

  /**
   * Sends a code to the number. The code is stored after the SMS is delivered, and replaces an earlier one. An SMS that
   * fails changes nothing.
   *
   * @param acceptLanguage the Accept-Language header of the caller, for the language of the SMS.
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
   * Assigns the number to the account. A code has one try: a wrong or expired code ends it.
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
