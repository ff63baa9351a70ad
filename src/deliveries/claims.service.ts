import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { GRACE } from '../outbound/within-time.js';
import { ANSWER_TIME } from '../common/time-allowance.js';
import { Settings } from '../config/settings.js';
import { constantStatement } from '../database/constant-statement.js';
import { dialectOf } from '../database/dialect.js';
import { writePrepared } from '../database/prepared.js';
import { Statements } from '../database/statements.service.js';
import { Transactions } from '../database/transactions.js';
import { formatDateTime } from '../database/columns/utc-date-time.js';

/** Seconds by which the clocks of two hosts may differ. */
const CLOCK_SKEW = 5;

/** Seconds that a moment may lose where it is stored: it has whole seconds there. */
const ROUNDING = 1;

/** How many are removed at once. */
const BATCH = 100;

/**
 * Inserts a claim, or replaces one that is over; any other stays as it is. A single statement, so that of many calls at once one gets the
 * claim. MySQL evaluates assignments from left to right: `expires` must be the last.
 */
const TAKE = {
  mysql: constantStatement(`INSERT INTO delivery_claims (subject, holder, content, expires) VALUES (?, ?, ?, ?)
    ON DUPLICATE KEY UPDATE
      holder = IF(expires BETWEEN ? AND ?, holder, VALUES(holder)),
      content = IF(expires BETWEEN ? AND ?, content, VALUES(content)),
      expires = IF(expires BETWEEN ? AND ?, expires, VALUES(expires))`),
  sqlite: constantStatement(`INSERT INTO delivery_claims (subject, holder, content, expires) VALUES (?, ?, ?, ?)
    ON CONFLICT (subject) DO UPDATE SET holder = excluded.holder, content = excluded.content, expires = excluded.expires
    WHERE delivery_claims.expires NOT BETWEEN ? AND ?`),
};
const FIND = constantStatement('SELECT content FROM delivery_claims WHERE subject = ? AND expires BETWEEN ? AND ?');
const CONSUME = constantStatement('DELETE FROM delivery_claims WHERE subject = ? AND expires BETWEEN ? AND ?');
const RELEASE = constantStatement('DELETE FROM delivery_claims WHERE subject = ? AND holder = ?');
const FIND_OVER = constantStatement(
  `SELECT subject, holder FROM delivery_claims WHERE expires NOT BETWEEN ? AND ? LIMIT ${BATCH}`,
);

/** What is claimed. */
export interface Claim {
  /** In words, with all that makes it this one: `device fcm project abc`. At most one claim of a subject is valid at a time. */
  readonly subject: string;
  /** What others may learn of it while the claim is valid; at most 1024 characters of ASCII. */
  readonly content?: string;
}

/**
 * Reserves things while a message is on its way. A claim ends when its holder releases it, or by itself: a process that dies leaves
 * nothing behind that lasts. The clock is that of the service, not of the database; a claim of a process whose clock is far from ours, which
 * would end late, has ended.
 */
@Injectable()
export class Claims {
  constructor(
    private readonly transactions: Transactions,
    private readonly statements: Statements,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Seconds after which a claim ends by itself: a little more than the longest time between reserving and storing. */
  get lifetime(): number {
    const { databaseTimeout, outboundTimeout } = this.settings;
    return Math.min(ANSWER_TIME / 1000, databaseTimeout + outboundTimeout + GRACE / 1000) + CLOCK_SKEW + ROUNDING;
  }

  /**
   * Takes a claim, within the caller's transaction.
   *
   * @param holder up to 32 random characters that no other holder has.
   * @returns false if another holder has it.
   */
  async take(manager: EntityManager, { subject, content = '' }: Claim, holder: string): Promise<boolean> {
    const dialect = dialectOf(manager.dataSource);
    const valid = this.validNow();
    const values = [keyOf(subject), holder, content, formatDateTime(this.clock.in(this.lifetime))];
    const conditions = dialect === 'mysql' ? [...valid, ...valid, ...valid] : valid;
    return (await writePrepared(manager, TAKE[dialect], [...values, ...conditions])).affected > 0;
  }

  /** Whether nobody has a valid claim. */
  async isFree(subject: string): Promise<boolean> {
    return (await this.contentOf(subject)) === null;
  }

  /** The content of a valid claim of any holder; null where there is none. Within the caller's transaction. */
  find(manager: EntityManager, subject: string): Promise<string | null> {
    return this.contentOf(subject, manager);
  }

  /**
   * Ends a valid claim of any holder, within the caller's transaction.
   *
   * @returns false if there is none.
   */
  async consume(manager: EntityManager, subject: string): Promise<boolean> {
    return (await writePrepared(manager, CONSUME, [keyOf(subject), ...this.validNow()])).affected > 0;
  }

  /**
   * Releases a claim, within the caller's transaction.
   *
   * @returns false if the holder no longer had it.
   */
  async release(manager: EntityManager, { subject }: Claim, holder: string): Promise<boolean> {
    return (await writePrepared(manager, RELEASE, [keyOf(subject), holder])).affected > 0;
  }

  /**
   * Removes claims that are over, a batch of them.
   *
   * @returns how many were found.
   */
  async purge(): Promise<number> {
    // Read first, without locks, and removed by their key: a DELETE that searches by itself would lock the place of new ones.
    const over = await this.statements.read<{ subject: string; holder: string }>(FIND_OVER, this.validNow());
    for (const { subject, holder } of over) await this.transactions.affectedBy(RELEASE, [subject, holder]);
    return over.length;
  }

  private async contentOf(subject: string, manager?: EntityManager): Promise<string | null> {
    const [row] = await this.statements.read<{ content: string }>(FIND, [keyOf(subject), ...this.validNow()], manager);
    return row?.content ?? null;
  }

  /** The first moment and the last at which a claim can end that is valid now. Moments have whole seconds. */
  private validNow(): [first: string, last: string] {
    return [formatDateTime(this.clock.in(1)), formatDateTime(this.clock.in(2 * this.lifetime))];
  }
}

/** Of one length, and the same for the same bytes alone, whatever the collation. */
function keyOf(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}
