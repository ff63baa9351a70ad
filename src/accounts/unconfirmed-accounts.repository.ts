import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { formatDateTime, parseDateTime } from '../database/columns/utc-date-time.js';
import { MIGRATIONS_TABLE } from '../database/connection-options.js';
import { dialectOf } from '../database/dialect.js';
import { hasIndex, OWN_INDEX } from '../database/schema-inspection.js';

/** An account that waits for its code. */
export interface WaitingRow {
  readonly id: number | string;
  readonly username: string;
  readonly domain: string;
  readonly creation_time: string;
  readonly confirmation_key: string;
}

/** How many accounts are read at once. */
const BATCH = 500;

/**
 * Accounts that wait for a code that has expired. A blocked account is kept, so that its name stays taken. So is one with
 * an API key, administrator rights or a pending change of its e-mail address, because the server of 2021 gives these only
 * to accounts that were activated once.
 */
const FIND = `
  SELECT a.id, a.username, a.domain, a.creation_time, a.confirmation_key FROM accounts a
   WHERE a.id > ? AND a.activated = 0 AND a.blocked = 0 AND a.creation_time < ? AND a.creation_time > '1971-01-01 00:00:00'
     AND a.confirmation_key IS NOT NULL AND a.confirmation_key <> ''
     AND NOT EXISTS (SELECT 1 FROM activation_expirations e WHERE e.account_id = a.id AND e.expires >= ?)
     AND NOT EXISTS (SELECT 1 FROM admins m WHERE m.account_id = a.id)
     AND NOT EXISTS (SELECT 1 FROM api_keys k WHERE k.account_id = a.id)
     AND NOT EXISTS (SELECT 1 FROM email_changed c WHERE c.account_id = a.id)
   ORDER BY a.id LIMIT ${BATCH}`;

const COUNT_INACTIVE = 'SELECT COUNT(*) AS n FROM accounts WHERE activated = 0 AND blocked = 0 AND creation_time < ?';

const TABLE_CREATED =
  'SELECT create_time AS made FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?';

/** The statements that look for accounts that were never confirmed. */
@Injectable()
export class UnconfirmedAccountsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The next accounts with a greater id that were created before a moment, and whose code has expired. */
  findAfter(id: number, before: Date, now: Date): Promise<WaitingRow[]> {
    return this.dataSource.query(FIND, [id, formatDateTime(before), formatDateTime(now)]);
  }

  /** How many accounts that were created before a moment are neither activated nor blocked. */
  async countInactive(before: Date): Promise<number> {
    const [{ n }]: [{ n: number | string }] = await this.dataSource.query(COUNT_INACTIVE, [formatDateTime(before)]);
    return Number(n);
  }

  /**
   * The moment from which on this service has created every account. It is the beginning of time if this service has made
   * the tables, which the name of an index shows. Otherwise it is the moment when this service first used the database of
   * 2021; null if that is unknown. A revert of the migrations removes both signs. A copy of a database seems younger,
   * which is the safe side.
   */
  async ownSince(): Promise<Date | null> {
    if (dialectOf(this.dataSource) === 'sqlite') return new Date(0);
    const queryRunner = this.dataSource.createQueryRunner();
    try {
      if (await hasIndex(queryRunner, 'aliases', OWN_INDEX)) return new Date(0);
      const [table]: { made: string | null }[] = await queryRunner.query(TABLE_CREATED, [MIGRATIONS_TABLE]);
      return parseDateTime(table?.made ?? null);
    } finally {
      await queryRunner.release();
    }
  }
}
