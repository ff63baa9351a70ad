import { Injectable } from '@nestjs/common';
import { KnownSources } from './known-sources.js';
import { Limits, type Use } from './limits.service.js';
import { AttemptGate } from './attempt-gate.js';

/** Who tries to prove to be whom. */
interface Attempt {
  /** Where from: {@link sourceKey}. */
  readonly source: string;
  /** The SIP address, whether an account has it or not. */
  readonly account: string;
}

/**
 * Limits guesses at passwords and keys (protocol §8): so many failures from an address, and so many in a row for an account.
 *
 * An address from which the account has logged in before has a count of its own. Guesses from other devices behind the same router, or from
 * elsewhere, do not lock it out. Guesses from such an address are limited like all others.
 */
@Injectable()
export class LoginAttempts {
  private readonly gate = new AttemptGate();

  constructor(
    private readonly limits: Limits,
    private readonly knownSources: KnownSources,
  ) {}

  /**
   * Lets somebody prove who he is, while there are failures left.
   *
   * @param prove throws if the proof is wrong.
   * @param isFailure whether what it threw means that it was.
   * @throws TooManyAttempts before anything is looked up, and whatever `prove` throws.
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
      () => Promise.all(uses.map((use) => this.limits.left(use))),
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
