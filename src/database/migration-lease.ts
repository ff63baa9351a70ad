import { hostname } from 'node:os';
import type { QueryRunner } from 'typeorm';
import { isConflict, isDuplicate, isMissingTable } from './dialect.js';

/** The table that holds the lock while migrations run: one row, or none. It is made when the first migration needs it. */
export const MIGRATION_LOCK_TABLE = 'flexisip_api_migration_lock';

/** Milliseconds between two attempts to take the lock. */
const POLL = 250;

/** Seconds after which the lock of a process ends that does not renew it, by the clock of the database. */
export const LEASE = 20;

/** Seconds between two renewals. */
export const RENEWAL = 4;

/**
 * Seconds for which a waiting process sees an expired lock unchanged before it ends the lock: longer than between two renewals, so
 * that neither clocks of two cluster nodes that differ, nor a renewal that waits behind a long ALTER TABLE, cost a live process its lock.
 */
const GRACE = 2 * RENEWAL;

/** Something that is tried until it succeeds. */
export interface Attempts {
  /** @param seconds that the attempt may take. */
  take(seconds: number): Promise<boolean>;
  /** Who keeps it from succeeding, where that is known. */
  readonly holder?: string;
}

/** A row of the table. */
export interface Lease {
  readonly lease: string;
  readonly holder: string;
  readonly connection: number;
  readonly since: string;
  readonly renewals: number;
  /** Seconds since it ended, by the clock of the database; negative while it lasts. */
  readonly overFor: number;
}

/** In words: who holds it, and since when. */
export function describe({ holder, since }: Lease): string {
  return `${holder}, since ${since} UTC`;
}

/** The row as it is; null where there is none, or no table. */
export async function currentLease(queryRunner: QueryRunner): Promise<Lease | null> {
  const rows: Promise<(Omit<Lease, 'overFor'> & { over_for: number | string })[]> = queryRunner.query(
    `SELECT lease, holder, connection_id AS connection, since, renewals, TIMESTAMPDIFF(SECOND, expires, UTC_TIMESTAMP()) AS over_for
       FROM ${MIGRATION_LOCK_TABLE} WHERE id = 1`,
  );
  const [row] = await rows.catch((error: unknown) => {
    // A revert that has just ended.
    if (isMissingTable(error)) return [];
    throw error;
  });
  return row ? { ...row, overFor: Number(row.over_for) } : null;
}

/** Inserts the row, over and over, and removes one that has ended. */
export class LeaseAttempts implements Attempts {
  holder: string | undefined;
  /** What was seen of a lease that is over, and when for the first time. */
  private over: { what: string; since: number } | undefined;

  constructor(
    private readonly queryRunner: QueryRunner,
    private readonly lease: string,
  ) {}

  async take(seconds: number): Promise<boolean> {
    for (const end = performance.now() + seconds * 1000; ; await new Promise((resolve) => setTimeout(resolve, POLL))) {
      if (await this.insert()) return true;
      const other = await currentLease(this.queryRunner);
      if (other) {
        this.holder = describe(other);
        await this.removeIfOver(other);
      }
      if (performance.now() > end) return false;
    }
  }

  private async insert(): Promise<boolean> {
    const holder = `process ${process.pid} on ${hostname()}`.slice(0, 255);
    try {
      await this.queryRunner.query(
        `INSERT INTO ${MIGRATION_LOCK_TABLE} (id, lease, holder, connection_id, since, renewals, expires)
         VALUES (1, ?, ?, CONNECTION_ID(), UTC_TIMESTAMP(), 0, UTC_TIMESTAMP() + INTERVAL ${LEASE} SECOND)`,
        [this.lease, holder],
      );
      return true;
    } catch (error) {
      if (isMissingTable(error)) {
        await this.createTable();
        return this.insert();
      }
      // Of two nodes of a cluster, one may be told of the other's row as a conflict.
      if (isDuplicate(error) || isConflict(error)) return false;
      throw error;
    }
  }

  private async createTable(): Promise<void> {
    await this.queryRunner.query(
      `CREATE TABLE IF NOT EXISTS ${MIGRATION_LOCK_TABLE} (
         id tinyint unsigned NOT NULL PRIMARY KEY, lease varchar(36) NOT NULL, holder varchar(255) NOT NULL,
         connection_id bigint unsigned NOT NULL, since datetime NOT NULL, renewals int unsigned NOT NULL, expires datetime NOT NULL
       ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`,
    );
  }

  private async removeIfOver(lease: Lease): Promise<void> {
    const what = `${lease.lease} ${lease.renewals}`;
    if (lease.overFor <= 0 || (await this.isExecuting(lease))) this.over = undefined;
    else if (this.over?.what !== what) this.over = { what, since: performance.now() };
    else if (performance.now() - this.over.since >= GRACE * 1000) {
      const statement = `DELETE FROM ${MIGRATION_LOCK_TABLE} WHERE id = 1 AND lease = ? AND expires < UTC_TIMESTAMP()`;
      // A conflict is a lease that was renewed or removed at the same moment on another node.
      await this.queryRunner.query(statement, [lease.lease]).catch((error: unknown) => {
        if (!isConflict(error)) throw error;
      });
    }
  }

  /**
   * Whether the server still runs a statement of the holder: it goes on with an ALTER TABLE whose client was killed. Another connection may
   * have the same id, on another node or since the server was restarted. A holder makes sure of the lease before each statement, so a
   * statement that began after the end of the lease is none of its own.
   */
  private async isExecuting({ connection, overFor }: Lease): Promise<boolean> {
    const [{ own }]: [{ own: number | string }] = await this.queryRunner.query('SELECT CONNECTION_ID() AS own');
    if (Number(own) === Number(connection)) return false;
    const sessions: { Id: number | string; db: string | null; Command: string; Time: number | string | null }[] =
      await this.queryRunner.query('SHOW PROCESSLIST');
    const { database } = this.queryRunner.dataSource.driver;
    return sessions.some(
      ({ Id, db, Command, Time }) =>
        Number(Id) === Number(connection) && db === database && /^(Query|Execute)$/.test(Command) && Number(Time) >= overFor,
    );
  }
}
