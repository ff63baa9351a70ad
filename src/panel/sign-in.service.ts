import { Injectable } from '@nestjs/common';
import { AccountLookup } from '../accounts/account-lookup.service.js';
import type { Account } from '../accounts/entities/account.entity.js';
import { PasswordsService } from '../accounts/passwords.service.js';
import { AccountNotActivated, SignInRefused } from '../auth/auth.errors.js';
import { formatSip, parseSipPath } from '../common/sip/sip-address.js';
import { LoginAttempts } from '../limits/login-attempts.service.js';

/** Lets people prove who they are by their password. */
@Injectable()
export class SignInService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly passwords: PasswordsService,
    private readonly attempts: LoginAttempts,
  ) {}

  /**
   * The account whose password this is. Failures count like those of Digest (contract §8).
   *
   * @param sip as people write it: with blanks around it, or `sip:` in front.
   * @param source where from: `sourceKey()`.
   * @throws TooManyAttempts, SignInRefused, AccountNotActivated.
   */
  async signIn(sip: string, password: string, source: string): Promise<Account> {
    const address = parseSipPath(sip.trim().replace(/^sip:/i, ''));
    if (!address) throw new SignInRefused();
    const prove = async () => {
      const found = await this.accounts.bySip(address);
      if (!found || !this.passwords.isRight(found, password)) throw new SignInRefused();
      return found;
    };
    const account = await this.attempts.attempt({ source, account: formatSip(address) }, prove, (error) => error instanceof SignInRefused);
    if (!account.activated) throw new AccountNotActivated();
    return account;
  }
}
