import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { OutboundCalls } from '../outbound/outbound-calls.service.js';
import { randomAlphanumeric } from '../common/random.js';
import { secretsEqual } from '../common/secrets.js';
import { displaySip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { Deliveries } from '../deliveries/deliveries.service.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Limits, type Use } from '../limits/limits.service.js';
import { Mailer } from '../mail/mailer.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import { EmailUnchanged, MailNotDelivered } from './accounts.errors.js';
import { Account } from '../database/entities/account.entity.js';
import { EmailChange } from '../database/entities/email-change.entity.js';

/** Seconds for which the link is valid (protocol §5). */
export const EMAIL_LINK_LIFETIME = 86_400;

/** What the link in the mail carries: the account, and a secret only its mailbox knows. */
export interface EmailConfirmation {
  readonly accountId: number;
  readonly secret: string;
}

/** Lets an account prove a new mail address. */
@Injectable()
export class EmailChangeService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly transactions: Transactions,
    private readonly deliveries: Deliveries,
    private readonly settings: Settings,
    private readonly mailer: Mailer,
    private readonly outbound: OutboundCalls,
    private readonly limits: Limits,
    private readonly events: AccountEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Mails a link to the new address. The request is stored once the mail has been delivered, in place of an earlier
   * one: a mail that fails changes nothing. A mail that was delivered counts, even if the database is away afterwards.
   *
   * @param acceptLanguage what the caller says of languages, for the mail.
   * @throws EmailUnchanged, TooManyAttempts, MailNotDelivered.
   */
  async request(account: Account, email: string, acceptLanguage?: string): Promise<void> {
    if (email === account.email) throw new EmailUnchanged();
    // Many spellings of a mail address may lead to one mailbox.
    const uses: Use[] = [
      ['emailRequestsPerAccount', account.id],
      ['emailRequestsPerAddress', email.toLowerCase()],
    ];
    let isDelivered = false;
    await this.limits.counting(
      uses,
      () => this.mailLink(account, email, acceptLanguage, () => (isDelivered = true)),
      () => isDelivered,
    );
  }

  /** The change the link stands for, or null if the link is not valid, or no longer. Changes nothing. */
  async find({ accountId, secret }: EmailConfirmation): Promise<Account | null> {
    const account = await this.accounts.byId(accountId);
    return account && this.isValid(account, secret) ? account : null;
  }

  /**
   * Makes the new address the account's, once, and tells the old one.
   *
   * @param acceptLanguage what the browser says of languages, for the mail to the old address.
   * @returns the account with its new address, or null if the link is not valid, or no longer.
   */
  async confirm({ accountId, secret }: EmailConfirmation, acceptLanguage?: string): Promise<Account | null> {
    const account = await this.transactions.run(async (manager) => {
      const locked = await this.accounts.lockById(accountId, manager);
      if (!locked?.emailChange || !this.isValid(locked, secret)) return null;
      await manager.update(Account, { id: accountId }, { email: locked.emailChange.newEmail });
      await manager.delete(EmailChange, { accountId });
      this.events.report('email.changed', locked, { means: 'link' });
      return locked;
    });
    if (!account?.emailChange) return null;
    const { newEmail } = account.emailChange;
    const { email: oldEmail } = account;
    if (oldEmail) {
      // The address is changed already: a mail that cannot be sent does not undo it.
      const mail = { kind: 'email-changed', to: oldEmail, account: displaySip(account), newEmail, acceptLanguage } as const;
      await this.outbound.deliver('mail', `the mail that tells the old address of ${mail.account} of the change`, (signal) =>
        this.mailer.send(mail, signal),
      );
    }
    return Object.assign(account, { email: newEmail, emailChange: null });
  }

  private async mailLink(account: Account, email: string, acceptLanguage: string | undefined, onDelivery: () => void): Promise<void> {
    const secret = randomAlphanumeric(32);
    const link = `${this.settings.publicUrl}/account/email/${account.id}/${secret}`;
    const expires = this.clock.in(EMAIL_LINK_LIFETIME);
    const mail = { kind: 'email-confirmation', to: email, account: displaySip(account), link, expires, acceptLanguage } as const;
    await this.deliveries.deliver({
      // Of several requests at once the last one that is delivered counts.
      reservations: [],
      send: () => this.outbound.deliver('mail', `the confirmation mail for ${mail.account}`, (signal) => this.mailer.send(mail, signal)),
      onDelivery,
      store: (manager) => this.store(manager, account, email, secret),
      notDelivered: () => new MailNotDelivered(),
    });
  }

  private isValid({ emailChange }: Account, secret: string): boolean {
    return (
      emailChange !== null &&
      secretsEqual(emailChange.hash, hash(secret)) &&
      !emailChange.isOlderThan(EMAIL_LINK_LIFETIME, this.clock.now())
    );
  }

  private async store(manager: EntityManager, account: Account, newEmail: string, secret: string): Promise<void> {
    const accountId = account.id;
    if (!(await this.accounts.lockById(accountId, manager))) throw new AccountNotFound();
    const now = this.clock.now();
    await manager.delete(EmailChange, { accountId });
    await manager.insert(EmailChange, { accountId, newEmail, hash: hash(secret), createdAt: now, updatedAt: now });
    this.events.report('email.requested', account);
  }
}

/** The database holds this instead of the secret: who reads it can confirm nothing. */
function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
