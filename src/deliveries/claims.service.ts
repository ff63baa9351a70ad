import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { GRACE } from '../outbound/within-time.js';
import { ANSWER_TIME } from '../common/time-allowance.js';
import { Settings } from '../config/settings.js';
import { constantStatement } from '../database/constant-statement.js';
import { dialectOf } from '../database/dialect.js';
import { LEASE_MARGIN } from '../database/leases.js';
import { writePrepared } from '../database/prepared.js';
import { Statements } from '../database/statements.service.js';
import { Transactions } from '../database/transactions.js';
import { formatDateTime } from '../database/columns/utc-date-time.js';

/** The number of claims that are removed at once. */
const BATCH = 100;

/**
 * Inserts a claim, or replaces an expired one. A valid claim stays as it is. This is a single statement, so that
 * exactly one of several concurrent calls gets the claim. MySQL evaluates assignments from left to right, so `expires`
 * must be the last.
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
const FIND_EXPIRED = constantStatement(
  `SELECT subject, holder FROM delivery_claims WHERE expires NOT BETWEEN ? AND ? LIMIT ${BATCH}`,
);

/** The subject of a claim. */
export interface Claim {
  /**
   * A text that identifies the subject, for example `device fcm project abc`. A subject has at most one valid claim at
   * a time.
   */
  readonly subject: string;
  /** Data that other calls may read while the claim is valid: at most 1024 ASCII characters. */
  readonly content?: string;
}

/**
 * Reserves subjects while a message is being sent. A claim ends when its holder releases it, or when it expires. So a
 * process that dies leaves no permanent claim. Expiry uses the clock of the service, not that of the database. A claim
 * that would expire too far in the future comes from a process with a wrong clock, and counts as expired.
 */
@Injectable()
export class Claims {
  constructor(
    private readonly transactions: Transactions,
    private readonly statements: Statements,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** The lifetime of a claim in seconds. It is a little longer than the longest time between reserving and storing. */
  get lifetime(): number {
    const { databaseTimeout, outboundTimeout } = this.settings;
    return Math.min(ANSWER_TIME / 1000, databaseTimeout + outboundTimeout + GRACE / 1000) + LEASE_MARGIN;
  }

  /**
   * Takes a claim, within the caller's transaction.
   *
   * @param holder up to 32 random characters, unique to this holder.
   * @returns false if another holder has a valid claim.
   */
  async take(manager: EntityManager, { subject, content = '' }: Claim, holder: string): Promise<boolean> {
    const dialect = dialectOf(manager.dataSource);
    const valid = this.validNow();
    const values = [keyOf(subject), holder, content, formatDateTime(this.clock.in(this.lifetime))];
    const conditions = dialect === 'mysql' ? [...valid, ...valid, ...valid] : valid;
    return (await writePrepared(manager, TAKE[dialect], [...values, ...conditions])).affected > 0;
  }

  /** Whether there is no valid claim on the subject. */
  async isFree(subject: string): Promise<boolean> {
    return (await this.contentOf(subject)) === null;
  }

  /**
   * Reads the content of a valid claim of any holder, within the caller's transaction. Returns null if there is none.
   */
  find(manager: EntityManager, subject: string): Promise<string | null> {
    return this.contentOf(subject, manager);
  }

  /**
   * Ends a valid claim of any holder, within the caller's transaction.
   *
   * @returns false if there is no valid claim.
   */
  async consume(manager: EntityManager, subject: string): Promise<boolean> {
    return (await writePrepared(manager, CONSUME, [keyOf(subject), ...this.validNow()])).affected > 0;
  }

  /**
   * Releases a claim, within the caller's transaction.
   *
   * @returns false if the holder no longer has the claim.
   */
  async release(manager: EntityManager, { subject }: Claim, holder: string): Promise<boolean> {
    return (await writePrepared(manager, RELEASE, [keyOf(subject), holder])).affected > 0;
  }

  /**
   * Removes a batch of expired claims, in one transaction.
   *
   * @returns the number of expired claims that were found.
   */
  async purge(): Promise<number> {
    // The claims are read first, without locks, and then deleted by key. A DELETE that searches by date would lock the
    // index range where new claims are inserted.
    const expired = await this.statements.read<{ subject: string; holder: string }>(FIND_EXPIRED, this.validNow());
    if (expired.length === 0) return 0;
    // READ COMMITTED locks no gap where a claim has been released since it was read.
    await this.transactions.run(async (manager) => {
      for (const { subject, holder } of expired) await writePrepared(manager, RELEASE, [subject, holder]);
    }, 'READ COMMITTED');
    return expired.length;
  }

  private async contentOf(subject: string, manager?: EntityManager): Promise<string | null> {
    const [row] = await this.statements.read<{ content: string }>(FIND, [keyOf(subject), ...this.validNow()], manager);
    return row?.content ?? null;
  }

  /** The earliest and the latest expiry of a claim that is valid now. Dates are stored in whole seconds. */
  private validNow(): [first: string, last: string] {
    return [formatDateTime(this.clock.in(1)), formatDateTime(this.clock.in(2 * this.lifetime))];
  }
}

/** The SHA-256 of the subject. It has a fixed length, and the collation cannot make two different subjects equal. */
function keyOf(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}
