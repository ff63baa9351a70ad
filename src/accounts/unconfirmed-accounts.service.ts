import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../common/clock.js';
import { MIGRATIONS_TABLE } from '../database/connection-options.js';
import { toId } from '../database/columns/column-values.js';
import { dialectOf } from '../database/dialect.js';
import { hasIndex, OWN_INDEX } from '../database/schema-inspection.js';
import { formatDateTime, parseDateTime } from '../database/columns/utc-date-time.js';
import { AccountsService } from './accounts.service.js';
import { isActivationCode } from '../directory/activation-code.js';
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

/** A row of {@link FIND}. */
interface WaitingRow {
  id: number | string;
  username: string;
  domain: string;
  creation_time: string;
  confirmation_key: string;
}

/** The number of rows that are read at once. */
const BATCH = 500;

/**
 * Accounts with an activation code that can no longer be redeemed. An account with an API key, administrator rights or
 * a pending e-mail change is not among them, because it was activated before.
 */
const FIND = `
  SELECT a.id, a.username, a.domain, a.creation_time, a.confirmation_key FROM accounts a
   WHERE a.id > ? AND a.activated = 0 AND a.creation_time < ? AND a.creation_time > '1971-01-01 00:00:00'
     AND a.confirmation_key IS NOT NULL AND a.confirmation_key <> ''
     AND NOT EXISTS (SELECT 1 FROM activation_expirations e WHERE e.account_id = a.id AND e.expires >= ?)
     AND NOT EXISTS (SELECT 1 FROM admins m WHERE m.account_id = a.id)
     AND NOT EXISTS (SELECT 1 FROM api_keys k WHERE k.account_id = a.id)
     AND NOT EXISTS (SELECT 1 FROM email_changed c WHERE c.account_id = a.id)
   ORDER BY a.id LIMIT ${BATCH}`;

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
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Finds the unconfirmed accounts created before a moment, ordered by id. */
  async find(before: Date): Promise<UnconfirmedAccount[]> {
    const ownSince = await this.ownSince();
    const found: UnconfirmedAccount[] = [];
    for (
      let rows = await this.batchAfter(0, before);
      rows.length > 0;
      rows = await this.batchAfter(toId(rows.at(-1)?.id ?? 0), before)
    ) {
      for (const { id, creation_time, confirmation_key, ...row } of rows) {
        if (!isActivationCode(confirmation_key)) continue;
        const created = parseDateTime(creation_time) ?? new Date(0);
        found.push({ ...row, id: toId(id), created, isCertain: created >= ownSince });
      }
    }
    return found;
  }

  /** Counts the accounts created before a moment that are not activated, for any reason. */
  async countInactive(before: Date): Promise<number> {
    const statement = 'SELECT COUNT(*) AS n FROM accounts WHERE activated = 0 AND creation_time < ?';
    const [{ n }]: [{ n: number | string }] = await this.dataSource.query(statement, [formatDateTime(before)]);
    return Number(n);
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
    confirmationKey,
    activationExpiration,
    admin,
    hasApiKey,
    emailChange,
  }: Account): boolean {
    const isOver = !activationExpiration || activationExpiration.isOver(this.clock.now());
    return !activated && Boolean(confirmationKey) && isOver && !admin && !hasApiKey && !emailChange;
  }

  private batchAfter(id: number, before: Date): Promise<WaitingRow[]> {
    return this.dataSource.query(FIND, [id, formatDateTime(before), formatDateTime(this.clock.now())]);
  }

  /**
   * The moment from which on this service created every account. If this service created the tables, which the name of
   * an index shows, that is always. Otherwise it is the moment when the service was first used with the 2021 database.
   * Reverting the migrations removes both marks. A copied database seems younger, which is the safe direction.
   */
  private async ownSince(): Promise<Date> {
    if (dialectOf(this.dataSource) === 'sqlite') return new Date(0);
    const queryRunner = this.dataSource.createQueryRunner();
    try {
      if (await hasIndex(queryRunner, 'aliases', OWN_INDEX)) return new Date(0);
      const [table]: { made: string | null }[] = await queryRunner.query(
        'SELECT create_time AS made FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?',
        [MIGRATIONS_TABLE],
      );
      return parseDateTime(table?.made ?? null) ?? this.clock.now();
    } finally {
      await queryRunner.release();
    }
  }
}
