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

/** An account that nobody ever activated, as far as can be told. */
export interface UnconfirmedAccount {
  readonly id: number;
  readonly username: string;
  readonly domain: string;
  readonly created: Date;
  /** Whether that is certain; not where a server of 2021 may have activated it, and an administrator turned it off afterwards. */
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

/** How many are read at once. */
const BATCH = 500;

/**
 * Accounts that wait for their code, which can be redeemed no more. Whoever has an API key, administrates or changes a
 * e-mail address was let in once.
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
 * Accounts that were created and never confirmed.
 *
 * Nothing in the schema says so. `activated` is 0 for accounts that an administrator turned off too. But this service
 * ends the code of an account with its activation, and with its deactivation: one that still has a code was never
 * activated. Without one nobody can tell, and it stays.
 *
 * The server of 2021 ends a code only when it is redeemed. There, an account that an administrator activated and later
 * turned off still has one, and so has one that was recovered by mail. What it may have made is never certain.
 */
@Injectable()
export class UnconfirmedAccountsService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Those created before a moment, oldest id first. */
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

  /** How many accounts created before a moment are not activated, for whatever reason. */
  async countInactive(before: Date): Promise<number> {
    const statement = 'SELECT COUNT(*) AS n FROM accounts WHERE activated = 0 AND creation_time < ?';
    const [{ n }]: [{ n: number | string }] = await this.dataSource.query(statement, [formatDateTime(before)]);
    return Number(n);
  }

  /**
   * Deletes one of them, unless it was confirmed meanwhile.
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
   * The moment from which on every account is this service's own: always where it made the tables, which the name of an
   * index tells, else since it came to the database of 2021. Both are gone once the migrations are taken back. A database
   * that was copied seems to be younger, which is on the safe side.
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
