import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type DigestAlgorithm, ha1 } from '../digest/ha1.js';
import { offeredAlgorithms } from '../digest/stored-password.js';
import { secretsEqual } from '../common/secrets.js';
import { displaySip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { AccountEvents } from '../events/account-events.service.js';
import { Limits } from '../limits/limits.service.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { MessageSender } from '../verification/message-sender.service.js';
import { OldPasswordWrong } from './accounts.errors.js';
import type { Account } from '../database/entities/account.entity.js';
import { Password } from '../database/entities/password.entity.js';
import { PasswordsRepository } from './passwords.repository.js';

interface PasswordChange {
  /** Absent for all algorithms that the account has. */
  readonly algorithm?: DigestAlgorithm;
  readonly password: string;
  readonly oldPassword?: string;
  /** The Accept-Language header of the caller, for the language of the e-mail about a first password. */
  readonly acceptLanguage?: string;
}

type Owner = Pick<Account, 'id' | 'username' | 'domain'>;

/** The passwords of accounts, stored as Flexisip reads them: one HA1 for each algorithm. */
@Injectable()
export class PasswordsService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly stored: PasswordsRepository,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    private readonly messages: MessageSender,
    private readonly limits: Limits,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Replaces all passwords of the account with one new password. If the account had no password, its e-mail address is
   * notified.
   *
   * @param caller the account as it was read for authentication.
   * @throws TooManyAttempts; OldPasswordWrong if the account has a password and the old one is missing or wrong.
   */
  async change(caller: Account, change: PasswordChange): Promise<void> {
    const account = await this.limits.runCounted(
      change.oldPassword === undefined ? [] : [['failedOldPasswords', caller.id]],
      async () => ((await this.swap(caller, change)) ? caller : this.replace(caller.id, change)),
      (error) => error instanceof OldPasswordWrong,
    );
    if (account.passwords.length === 0 && account.email) await this.tell(account, account.email, change.acceptLanguage);
  }

  /** Adds a password to an account that has none, within the caller's transaction. */
  async store(manager: EntityManager, account: Owner, algorithm: DigestAlgorithm, password: string): Promise<Password> {
    const stored = { accountId: account.id, algorithm, password: this.hash(account, algorithm, password) };
    await this.stored.insert(manager, stored);
    return Object.assign(new Password(), stored);
  }

  /**
   * Replaces all passwords of an account without the old one, for an administrator, in the transaction of the caller that
   * has locked the account.
   *
   * @param algorithm default: those that the account has passwords for; without a password, DEFAULT_ALGORITHM.
   */
  async set(
    manager: EntityManager,
    account: Owner & Pick<Account, 'passwords'>,
    { password, algorithm }: { password: string; algorithm?: DigestAlgorithm },
  ): Promise<void> {
    const stored =
      account.passwords.length > 0 ? offeredAlgorithms(account.passwords) : [this.settings.defaultAlgorithm];
    await this.stored.removeAll(manager, account.id);
    for (const one of algorithm ? [algorithm] : stored) await this.store(manager, account, one, password);
    this.events.report('password.changed', account);
  }

  /**
   * Whether this is a password of the account. It is compared with all stored passwords, in a time that does not depend
   * on the result.
   */
  isRight(account: Pick<Account, 'username' | 'domain' | 'passwords'>, given: string): boolean {
    const realm = this.settings.realmOf(account);
    const matches = account.passwords.map(({ algorithm, password }) =>
      secretsEqual(password, algorithm === 'CLRTXT' ? given : ha1(algorithm, account.username, realm, given)),
    );
    return matches.includes(true);
  }

  /**
   * The fast path of most changes. One statement replaces the only password if it is still the one that was verified.
   *
   * @returns whether it was replaced. False gives no reason.
   */
  private async swap(account: Account, { oldPassword, algorithm, password }: PasswordChange): Promise<boolean> {
    const [stored, ...others] = account.passwords;
    if (!stored || others.length > 0 || account.hasUnusablePasswords) return false;
    if (oldPassword === undefined || !this.isRight(account, oldPassword)) return false;
    const [chosen, ...more] = this.algorithmsFor(account, algorithm);
    if (chosen === undefined || more.length > 0) return false;
    const next = { algorithm: chosen, password: this.hash(account, chosen, password) };
    const isSwapped = await this.stored.swap(stored, next);
    if (isSwapped) this.events.report('password.changed', account);
    return isSwapped;
  }

  /** @returns the account before the change. */
  private replace(accountId: number, change: PasswordChange): Promise<Account> {
    return this.transactions.run(async (manager) => {
      const locked = await this.accounts.lock(accountId, manager);
      const isProven = change.oldPassword !== undefined && this.isRight(locked, change.oldPassword);
      if (locked.passwords.length > 0 && !isProven) throw new OldPasswordWrong();
      await this.stored.removeAll(manager, accountId);
      for (const algorithm of this.algorithmsFor(locked, change.algorithm)) {
        await this.store(manager, locked, algorithm, change.password);
      }
      this.events.report('password.changed', locked);
      return locked;
    });
  }

  /** The algorithms to store a new password with. A password in clear text serves both. */
  private algorithmsFor({ passwords }: Pick<Account, 'passwords'>, chosen?: DigestAlgorithm): DigestAlgorithm[] {
    if (chosen !== undefined) return [chosen];
    if (passwords.some(({ algorithm }) => algorithm === 'CLRTXT')) return ['MD5', 'SHA-256'];
    const stored = passwords.flatMap(({ algorithm }) => (algorithm === 'CLRTXT' ? [] : [algorithm]));
    return stored.length > 0 ? stored : [this.settings.defaultAlgorithm];
  }

  private hash(account: Owner, algorithm: DigestAlgorithm, password: string): string {
    return ha1(algorithm, account.username, this.settings.realmOf(account), password);
  }

  /** The password is already set. An e-mail that fails does not undo that. */
  private async tell(account: Account, to: string, acceptLanguage?: string): Promise<void> {
    const mail = { kind: 'password-set', to, account: displaySip(account), acceptLanguage } as const;
    await this.messages.send('mail', { name: `the mail about the first password of ${mail.account}`, content: mail });
  }
}
