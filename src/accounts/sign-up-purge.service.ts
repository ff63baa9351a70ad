import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { runAs } from '../common/request-context.js';
import { Settings } from '../config/settings.js';
import type { Account } from '../database/entities/account.entity.js';
import { inBatches } from '../jobs/batches.js';
import { Job } from '../jobs/job.js';
import { AbandonedSignUps } from './abandoned-sign-ups.repository.js';
import { AccountsService } from './accounts.service.js';
import { EMAIL_CHANGE, PHONE_CHANGE } from './purposes.js';

/**
 * Deletes accounts that an account creation token made and that nobody activated, so that their names are free again
 * (SIGN_UP_LIFETIME). An account stays while its owner can still complete the sign-up: while the token has not expired,
 * and while a code or link that was sent is valid.
 */
@Injectable()
export class SignUpPurgeService extends Job {
  readonly name = 'sign-up-purge';
  readonly every = 3_600;

  constructor(
    private readonly signUps: AbandonedSignUps,
    private readonly accounts: AccountsService,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** @returns the number of deleted accounts. */
  async run(signal?: AbortSignal): Promise<number> {
    const lifetime = this.settings.signUpLifetime;
    if (lifetime === 0) return 0;
    const before = this.clock.in(-lifetime);
    let [last, deleted] = [0, 0];
    await runAs({ method: 'job' }, () =>
      inBatches(async () => {
        const ids = await this.signUps.findAfter(last, before);
        for (const id of ids) {
          if (signal?.aborted) break;
          if (await this.accounts.removeUnregisteredIf(id, (account) => this.isAbandoned(account))) deleted += 1;
          last = id;
        }
        return ids.length;
      }, signal),
    );
    return deleted;
  }

  /** Checks the account again under its lock, because it may have been activated since it was read. */
  private isAbandoned(account: Account): boolean {
    const { activated, neverActivated, hasCreationToken, confirmationKey, blocked, admin } = account;
    const mayGo = !activated && neverActivated && hasCreationToken && confirmationKey === null && !blocked && !admin;
    return mayGo && !this.canBeProven(account);
  }

  /** Whether a code or a link that was sent can still activate the account. */
  private canBeProven({ phoneChange, emailChange }: Account): boolean {
    const isValid = (created: Date | null | undefined, lifetime: number) =>
      Boolean(created && created > this.clock.in(-lifetime));
    return (
      isValid(phoneChange?.createdAt, PHONE_CHANGE.lifetime) || isValid(emailChange?.createdAt, EMAIL_CHANGE.lifetime)
    );
  }
}
