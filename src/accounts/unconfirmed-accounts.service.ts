import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { toId } from '../database/columns/column-values.js';
import { parseDateTime } from '../database/columns/utc-date-time.js';
import { AccountsService } from './accounts.service.js';
import { isActivationCode } from '../directory/activation-code.js';
import { UnconfirmedAccountsRepository } from './unconfirmed-accounts.repository.js';
import type { Account } from '../database/entities/account.entity.js';

/** An account that was never activated, as far as the data shows. */
export interface UnconfirmedAccount {
  readonly id: number;
  readonly username: string;
  readonly domain: string;
  readonly created: Date;
  /**
   * Whether that is certain. It is not if a 2021 server may have activated the account before an administrator
   * deactivated it.
   */
  readonly isCertain: boolean;
}

/**
 * Finds and deletes accounts that were created and never confirmed.
 *
 * No column says so directly. `activated` is also 0 for accounts that an administrator deactivated. But this service
 * removes the code of an account when it is activated or deactivated. So an account that still has a code was never
 * activated. An account without a code is uncertain, and is kept.
 *
 * The 2021 server removes a code only when it is redeemed. There, an account that an administrator activated and later
 * deactivated still has a code, and so has one that was recovered by e-mail. So no account that the 2021 server may
 * have created is certain.
 */
@Injectable()
export class UnconfirmedAccountsService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly unconfirmed: UnconfirmedAccountsRepository,
    private readonly clock: Clock,
  ) {}

  /** Finds the unconfirmed accounts created before a moment, ordered by id. */
  async find(before: Date): Promise<UnconfirmedAccount[]> {
    const ownSince = (await this.unconfirmed.ownSince()) ?? this.clock.now();
    const next = (id: number) => this.unconfirmed.findAfter(id, before, this.clock.now());
    const found: UnconfirmedAccount[] = [];
    for (let rows = await next(0); rows.length > 0; rows = await next(toId(rows.at(-1)?.id ?? 0))) {
      for (const { id, creation_time, confirmation_key, ...row } of rows) {
        if (!isActivationCode(confirmation_key)) continue;
        const created = parseDateTime(creation_time) ?? new Date(0);
        found.push({ ...row, id: toId(id), created, isCertain: created >= ownSince });
      }
    }
    return found;
  }

  /** How many accounts created before a moment are neither activated nor blocked, for whatever reason. */
  countInactive(before: Date): Promise<number> {
    return this.unconfirmed.countInactive(before);
  }

  /**
   * Deletes an unconfirmed account, unless it was confirmed meanwhile.
   *
   * @returns whether it was deleted.
   */
  async remove({ id }: UnconfirmedAccount): Promise<boolean> {
    return this.accounts.removeIf(id, (account) => this.isUnconfirmed(account));
  }

  private isUnconfirmed({
    activated,
    blocked,
    confirmationKey,
    activationExpiration,
    admin,
    hasApiKey,
    emailChange,
  }: Account): boolean {
    const isOver = !activationExpiration || activationExpiration.isOver(this.clock.now());
    return !activated && !blocked && Boolean(confirmationKey) && isOver && !admin && !hasApiKey && !emailChange;
  }
}
