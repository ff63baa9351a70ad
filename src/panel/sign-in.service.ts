import { Injectable } from '@nestjs/common';
import { AccountLookup } from '../directory/account-lookup.service.js';
import type { AccountWithPasswords } from '../directory/account-rows.js';
import { PasswordsService } from '../accounts/passwords.service.js';
import { AccountBlocked, AccountNotActivated, SignInRefused } from '../auth/auth.errors.js';
import { RefusedAttempts } from '../auth/refused-attempts.service.js';
import { formatSip, parseTypedSip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { LoginAttempts } from '../limits/login-attempts.service.js';

/** Authenticates people by SIP address and password. */
@Injectable()
export class SignInService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly passwords: PasswordsService,
    private readonly attempts: LoginAttempts,
    private readonly refusedAttempts: RefusedAttempts,
    private readonly settings: Settings,
  ) {}

  /**
   * Finds the account and checks its password. Failures count like those of Digest (protocol §8).
   *
   * @param sip as people write it ({@link parseTypedSip}); a username alone belongs to the default domain.
   * @param source the source address: `sourceKey()`.
   * @throws TooManyAttempts, SignInRefused, AccountBlocked, AccountNotActivated.
   */
  async signIn(sip: string, password: string, source: string): Promise<AccountWithPasswords> {
    const address = parseTypedSip(sip, this.settings.sipDomains[0]);
    if (!address) throw new SignInRefused('unknown_account');
    let account: AccountWithPasswords | null = null;
    const prove = async () => {
      account = await this.accounts.findForSignIn(address);
      if (!account) throw new SignInRefused('unknown_account');
      if (!this.passwords.isRight(account, password)) throw new SignInRefused('wrong_password');
      return account;
    };
    try {
      const isWrong = (error: unknown) => error instanceof SignInRefused;
      const proven = await this.attempts.attempt({ source, account: formatSip(address) }, prove, isWrong);
      if (proven.blocked) throw new AccountBlocked();
      if (!proven.activated) throw new AccountNotActivated();
      return proven;
    } catch (error) {
      this.refusedAttempts.note(error, { account, method: 'panel' });
      throw error;
    }
  }
}
