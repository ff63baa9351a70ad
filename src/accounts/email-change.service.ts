import { Injectable } from '@nestjs/common';
import { AccountBlocked } from '../auth/auth.errors.js';
import { displaySip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountEvents } from '../events/account-events.service.js';
import { MessageSender } from '../verification/message-sender.service.js';
import { Verification } from '../verification/verification.service.js';
import { EmailLinkInvalid, EmailUnchanged } from './accounts.errors.js';
import { EmailChanges, type PendingEmail } from './email-changes.repository.js';
import { EMAIL_CHANGE } from './purposes.js';

/** The content of the link in the e-mail: the account, and a secret that only the new mailbox receives. */
export interface EmailConfirmation {
  readonly accountId: number;
  readonly secret: string;
}

/** Changes the e-mail address of an account after the new one is confirmed. */
@Injectable()
export class EmailChangeService {
  constructor(
    private readonly verification: Verification,
    private readonly changes: EmailChanges,
    private readonly messages: MessageSender,
    private readonly settings: Settings,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Sends a link to the new address. The request is stored after the e-mail is delivered, and replaces an earlier one.
   * An e-mail that fails changes nothing.
   *
   * @param acceptLanguage the Accept-Language header of the caller, for the language of the e-mail.
   * @throws EmailUnchanged, TooManyAttempts, MailNotDelivered.
   */
  async request(account: Account, email: string, acceptLanguage?: string): Promise<void> {
    if (email === account.email) throw new EmailUnchanged();
    const sip = displaySip(account);
    await this.verification.issueSecret(EMAIL_CHANGE, {
      // Spellings of an e-mail address that differ in case may lead to the same mailbox.
      countsFor: { account: account.id, target: email.toLowerCase() },
      message: ({ secret, expires }) => {
        const link = `${this.settings.publicUrl}/account/email/${account.id}/${secret}`;
        return {
          name: `the confirmation mail for ${sip}`,
          content: { kind: 'email-confirmation', to: email, account: sip, link, expires, acceptLanguage },
        };
      },
      keep: async (manager, { stored: hash }) => {
        await this.changes.replace(manager, account.id, email, hash);
        this.events.report('email.requested', account);
      },
    });
  }

  /** Finds the account of a valid link. Returns null if the link is not valid. Changes nothing. */
  async find({ accountId, secret }: EmailConfirmation): Promise<Account | null> {
    const pending = await this.changes.peek(accountId);
    return pending && this.verification.accepts(EMAIL_CHANGE, pending, secret) ? pending.account : null;
  }

  /**
   * Assigns the new address to the account, once, and notifies the old address.
   *
   * @param acceptLanguage the Accept-Language header of the browser, for the language of the e-mail to the old address.
   * @returns the account with its new address, or null if the link is not valid.
   */
  async confirm(confirmation: EmailConfirmation, acceptLanguage?: string): Promise<Account | null> {
    const pending = await this.redeem(confirmation);
    if (!pending) return null;
    const { account, newEmail } = pending;
    if (account.email) {
      // The address is already changed. An e-mail that fails does not undo that.
      const mail = {
        kind: 'email-changed',
        to: account.email,
        account: displaySip(account),
        newEmail,
        acceptLanguage,
      } as const;
      await this.messages.send('mail', {
        name: `the mail that tells the old address of ${mail.account} of the change`,
        content: mail,
      });
    }
    return Object.assign(account, { email: newEmail, emailChange: null });
  }

  /** Returns null if the link is not valid. */
  private async redeem({ accountId, secret }: EmailConfirmation): Promise<PendingEmail | null> {
    try {
      return await this.verification.redeemSecret(EMAIL_CHANGE, this.changes, {
        countsFor: accountId,
        key: () => accountId,
        guess: secret,
        accept: async (manager, pending) => {
          if (pending.account.blocked) throw new AccountBlocked();
          await this.changes.assign(manager, pending);
          this.events.report('email.changed', pending.account, { method: 'link' });
          return pending;
        },
      });
    } catch (error) {
      if (error instanceof EmailLinkInvalid) return null;
      throw error;
    }
  }
}
