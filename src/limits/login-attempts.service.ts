import { Injectable } from '@nestjs/common';
import { KnownSources } from './known-sources.js';
import { Limits, type Use } from './limits.service.js';
import { AttemptGate } from './attempt-gate.js';

/** An attempt to log in. */
interface Attempt {
  /** The source address: {@link sourceKey}. */
  readonly source: string;
  /** The named SIP address; an account with it need not exist. */
  readonly account: string;
}

/**
 * Limits guesses at passwords and keys (protocol §8): a number of failures from an address, and a number of failures in
 * a row for an account.
 *
 * An address from which the account has logged in before has its own count. Guesses from other devices behind the same
 * router, or from elsewhere, do not lock the account out there. Guesses from such an address are limited like all
 * others.
 */
@Injectable()
export class LoginAttempts {
  private readonly gate = new AttemptGate();

  constructor(
    private readonly limits: Limits,
    private readonly knownSources: KnownSources,
  ) {}

  /**
   * Runs an attempt to authenticate while failures remain.
   *
   * @param prove throws if the proof is wrong.
   * @param isFailure whether an error of `prove` means that the proof was wrong.
   * @throws TooManyAttempts before any look-up, and every error of `prove`.
   */
  attempt<T>(attempt: Attempt, prove: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    const isUnlimited = this.limits.mostOf('failedLogins') === 0 && this.limits.mostOf('failedLoginsInARow') === 0;
    return isUnlimited ? prove() : this.attemptWithin(attempt, prove, isFailure);
  }

  private async attemptWithin<T>(
    { source, account }: Attempt,
    prove: () => Promise<T>,
    isFailure: (error: unknown) => boolean,
  ): Promise<T> {
    const isKnown = await this.knownSources.knows(account, source);
    const row: Use = ['failedLoginsInARow', account];
    const uses: Use[] = isKnown ? [['failedLogins', `${source} ${account}`]] : [['failedLogins', source], row];
    const keys = uses.map(([limit, whom]) => `${limit} ${whom}`);
    const proven = await this.gate.run(
      keys,
      () => Promise.all(uses.map((use) => this.limits.remaining(use))),
      prove,
      async (error) => {
        if (isFailure(error)) await this.limits.count(...uses);
      },
    );
    await this.knownSources.remember(account, source);
    await this.limits.clear(row);
    return proven;
  }
}
