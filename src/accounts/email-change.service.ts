import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountBlocked } from '../auth/auth.errors.js';
import { randomDigits } from '../common/random.js';
import { deriveKey } from '../common/secrets.js';
import { displaySip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountEvents } from '../events/account-events.service.js';
import { MessageSender } from '../verification/message-sender.service.js';
import { storedForm, Verification } from '../verification/verification.service.js';
import { EmailLinkInvalid, EmailUnchanged } from './accounts.errors.js';
import { EmailChanges, type PendingEmail, type SentSecrets } from './email-changes.repository.js';
import { EmailCodes } from './email-codes.repository.js';
import { OwnActivation } from './own-activation.service.js';
import { EMAIL_CHANGE, EMAIL_CODE } from './purposes.js';

/** The content of the link in the e-mail: the account, and a secret that only the new mailbox receives. */
export interface EmailConfirmation {
  readonly accountId: number;
  readonly secret: string;
}

/** The account before and after its change of address. */
interface AcceptedEmail {
  readonly before: Account;
  readonly after: Account;
}

/** Changes the e-mail address of an account after the new one is confirmed, by the link or by the code of a mail. */
@Injectable()
export class EmailChangeService {
  private readonly key: Buffer;

  constructor(
    private readonly verification: Verification,
    private readonly changes: EmailChanges,
    private readonly messages: MessageSender,
    private readonly codes: EmailCodes,
    private readonly accounts: AccountLookup,
    private readonly activation: OwnActivation,
    private readonly settings: Settings,
    private readonly events: AccountEvents,
  ) {
    this.key = deriveKey(settings.appKey, 'email confirmation link');
  }

  /**
   * Sends a link and a code to the new address. The request is stored after the e-mail is delivered, and replaces an
   * earlier one. A request that follows another one for the same address at once sends the same link and code again. An
   * e-mail that fails changes nothing.
   *
   * @param acceptLanguage the Accept-Language header of the caller, for the language of the e-mail.
   * @throws EmailUnchanged, TooManyAttempts, MailNotDelivered.
   */
  async request(account: Account, email: string, acceptLanguage?: string): Promise<void> {
    if (email === account.email) throw new EmailUnchanged();
    const sip = displaySip(account);
    const code = randomDigits(4);
    let earlier: SentSecrets | null = null;
    await this.verification.issueSecret(EMAIL_CHANGE, {
      // Spellings of an e-mail address that differ in case may lead to the same mailbox.
      countsFor: { account: account.id, target: email.toLowerCase() },
      // REPEATABLE READ would show the account as it was when the earlier mail was searched.
      isolation: 'READ COMMITTED',
      reservations: () => [{ subject: `email of ${account.id} to ${email}`, isExclusive: true }],
      check: async (manager) => {
        earlier = await this.changes.findRepeatable(manager, account.id, email);
      },
      message: ({ secret: salt, expires }) => {
        const sent = earlier ?? { salt, code };
        const link = `${this.settings.publicUrl}/account/email/${account.id}/${this.secretOf(sent.salt)}`;
        return {
          name: `the confirmation mail for ${sip}`,
          content: {
            kind: 'email-confirmation',
            to: email,
            account: sip,
            link,
            code: sent.code,
            expires,
            acceptLanguage,
          },
        };
      },
      keep: async (manager, { secret: salt }) => {
        if (earlier !== null) return;
        const hash = storedForm(EMAIL_CHANGE.storedAs, this.secretOf(salt));
        await this.changes.replace(manager, account.id, { newEmail: email, hash, salt, code });
        this.events.report('email.requested', account);
      },
    });
  }

  /**
   * Assigns an address, or none, for which an administrator vouches, in the transaction of the caller that has locked the
   * account. No mail is sent.
   */
  async set(manager: EntityManager, account: Account, email: string | null): Promise<void> {
    await this.changes.set(manager, account.id, email);
    this.events.report('email.changed', account);
  }

  /** Finds the account of a valid link. Returns null if the link is not valid. Changes nothing. */
  async find({ accountId, secret }: EmailConfirmation): Promise<Account | null> {
    const pending = await this.changes.peek(accountId);
    return pending && this.verification.accepts(EMAIL_CHANGE, pending, secret) ? pending.account : null;
  }

  /**
   * Assigns the new address to the account, once, and notifies the old address. An account that an app has created, and
   * that was never activated, is activated.
   *
   * @param acceptLanguage the Accept-Language header of the browser, for the language of the e-mail to the old address.
   * @returns the account with its new address, or null if the link is not valid.
   * @throws TooManyAttempts, AccountBlocked.
   */
  async confirm({ accountId, secret }: EmailConfirmation, acceptLanguage?: string): Promise<Account | null> {
    const waiting = await this.changes.peek(accountId);
    try {
      return await this.redeem(waiting?.account ?? null, acceptLanguage, () =>
        this.verification.redeemSecret(EMAIL_CHANGE, this.changes, {
          countsFor: accountId,
          key: () => accountId,
          guess: secret,
          accept: (manager, pending) => this.accept(manager, pending, 'link'),
        }),
      );
    } catch (error) {
      if (error instanceof EmailLinkInvalid) return null;
      throw error;
    }
  }

  /**
   * Does the same with the code of the mail.
   *
   * @throws TooManyAttempts, EmailCodeNotRequested, EmailCodeWrong, EmailCodeExpired.
   */
  async confirmByCode(caller: Account, code: string, acceptLanguage?: string): Promise<Account> {
    return this.redeem(caller, acceptLanguage, () =>
      this.verification.redeemSecret(EMAIL_CODE, this.codes, {
        countsFor: caller.id,
        key: () => caller.id,
        guess: code,
        accept: async (manager, pending) => {
          await this.changes.end(manager, pending);
          return this.accept(manager, pending, 'code');
        },
      }),
    );
  }

  private async redeem(
    account: Account | null,
    acceptLanguage: string | undefined,
    work: () => Promise<AcceptedEmail>,
  ): Promise<Account> {
    const { before, after } = await this.activation.runCounted(account, work);
    if (before.email) await this.tellOldAddress(before, before.email, after.email ?? '', acceptLanguage);
    return after;
  }

  private async accept(manager: EntityManager, pending: PendingEmail, method: 'link' | 'code'): Promise<AcceptedEmail> {
    const { account: before } = pending;
    if (before.blocked) throw new AccountBlocked();
    await this.changes.assign(manager, pending);
    this.events.report('email.changed', before, { method });
    await this.activation.activateOwner(manager, before);
    return { before, after: await this.accounts.reread(before.id, manager) };
  }

  /** The address is already changed. An e-mail that fails does not undo that. */
  private async tellOldAddress(account: Account, to: string, newEmail: string, acceptLanguage?: string): Promise<void> {
    const mail = { kind: 'email-changed', to, account: displaySip(account), newEmail, acceptLanguage } as const;
    await this.messages.send('mail', {
      name: `the mail that tells the old address of ${mail.account} of the change`,
      content: mail,
    });
  }

  /** The secret in the link. It has 128 bits. */
  private secretOf(salt: string): string {
    return createHmac('sha256', this.key).update(salt).digest('hex').slice(0, 32);
  }
}
