import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type DigestAlgorithm, ha1 } from '../auth/digest/ha1.js';
import { Neighbours } from '../common/neighbours/neighbours.service.js';
import { secretsEqual } from '../common/secrets.js';
import { formatSip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Limits } from '../limits/limits.service.js';
import { Mailer } from '../mail/mailer.js';
import { AccountLookup } from './account-lookup.service.js';
import { AccountNotFound, OldPasswordWrong } from './accounts.errors.js';
import type { Account } from './entities/account.entity.js';
import { Password } from './entities/password.entity.js';

interface PasswordChange {
  readonly algorithm: DigestAlgorithm;
  readonly password: string;
  readonly oldPassword?: string;
  /** What the caller says of languages, for the mail about a first password. */
  readonly acceptLanguage?: string;
}

/** The passwords of accounts, stored as Flexisip reads them: one HA1 for each algorithm. */
@Injectable()
export class PasswordsService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    private readonly mailer: Mailer,
    private readonly neighbours: Neighbours,
    private readonly limits: Limits,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Replaces all passwords of the account by one. A first password is told to the account's mail address.
   *
   * @throws TooManyAttempts; OldPasswordWrong if the account has a password and the old one is missing or not it.
   */
  async change(accountId: number, change: PasswordChange): Promise<void> {
    const account = await this.limits.counting(
      change.oldPassword === undefined ? [] : [['failedOldPasswords', accountId]],
      () => this.replace(accountId, change),
      (error) => error instanceof OldPasswordWrong,
    );
    if (account.passwords.length === 0 && account.email) await this.tell(account, account.email, change.acceptLanguage);
  }

  /** Adds a password to an account that has none, within the caller's transaction. */
  async store(
    manager: EntityManager,
    account: { id: number; username: string; domain: string },
    algorithm: DigestAlgorithm,
    password: string,
  ): Promise<void> {
    const hashed = ha1(algorithm, account.username, this.settings.realmOf(account), password);
    await manager.insert(Password, { accountId: account.id, algorithm, password: hashed });
  }

  /** Whether this is a password of the account. Compared with all that are stored, in a time that tells nothing. */
  isRight(account: Account, given: string): boolean {
    const realm = this.settings.realmOf(account);
    const matches = account.passwords.map(({ algorithm, password }) =>
      secretsEqual(password, algorithm === 'CLRTXT' ? given : ha1(algorithm, account.username, realm, given)),
    );
    return matches.includes(true);
  }

  /** @returns the account as it was before. */
  private replace(accountId: number, change: PasswordChange): Promise<Account> {
    return this.transactions.run(async (manager) => {
      const locked = await this.accounts.lockById(accountId, manager);
      if (!locked) throw new AccountNotFound();
      const isProven = change.oldPassword !== undefined && this.isRight(locked, change.oldPassword);
      if (locked.passwords.length > 0 && !isProven) throw new OldPasswordWrong();
      await manager.delete(Password, { accountId });
      await this.store(manager, locked, change.algorithm, change.password);
      this.events.report('password.changed', locked);
      return locked;
    });
  }

  /** The password is set already: a mail that cannot be sent does not undo it. */
  private async tell(account: Account, to: string, acceptLanguage?: string): Promise<void> {
    const mail = { kind: 'password-set', to, account: formatSip(account), acceptLanguage } as const;
    await this.neighbours.deliver('mail', `the mail about the first password of ${mail.account}`, (signal) =>
      this.mailer.send(mail, signal),
    );
  }
}
