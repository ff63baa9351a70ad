import { hostname } from 'node:os';
import type { QueryRunner } from 'typeorm';
import { isConflict, isDuplicate, isMissingTable } from './dialect.js';

/** The table of the migration lock, with one row or none. It is created when a migration first needs it. */
export const MIGRATION_LOCK_TABLE = 'flexisip_api_migration_lock';

/** Milliseconds between two attempts to take the lock. */
const POLL = 250;

/** Seconds after which a lock expires unless its process renews it, by the clock of the database. */
export const LEASE = 20;

/** Seconds between two renewals. */
export const RENEWAL = 4;

/**
 * Seconds for which a waiting process must see an expired lock unchanged before it removes the lock. This is longer
 * than the time between two renewals. A live process therefore keeps its lock if the clocks of two cluster nodes
 * differ, or if a renewal waits behind a long ALTER TABLE.
 */
const GRACE = 2 * RENEWAL;

/** An action that is repeated until it succeeds. */
export interface Attempts {
  /** @param seconds that the attempts may take in all. */
  take(seconds: number): Promise<boolean>;
  /** The holder that prevents success, if known. */
  readonly holder?: string;
}

/** A row of the lock table. */
export interface Lease {
  readonly lease: string;
  readonly holder: string;
  readonly connection: number;
  readonly since: string;
  readonly renewals: number;
  /** Seconds since the lock expired, by the clock of the database; negative before that. */
  readonly overFor: number;
}

/** The holder and the start time, as text. */
export function describe({ holder, since }: Lease): string {
  return `${holder}, since ${since} UTC`;
}

/** The current row; null if there is no row or no table. */
export async function currentLease(queryRunner: QueryRunner): Promise<Lease | null> {
  const rows: Promise<(Omit<Lease, 'overFor'> & { over_for: number | string })[]> = queryRunner.query(
    `SELECT lease, holder, connection_id AS connection, since, renewals, TIMESTAMPDIFF(SECOND, expires, UTC_TIMESTAMP()) AS over_for
       FROM ${MIGRATION_LOCK_TABLE} WHERE id = 1`,
  );
  const [row] = await rows.catch((error: unknown) => {
    // A revert has just dropped the table.
    if (isMissingTable(error)) return [];
    throw error;
  });
  return row ? { ...row, overFor: Number(row.over_for) } : null;
}

/** Tries to insert the row, and removes an expired one. */
export class LeaseAttempts implements Attempts {
  holder: string | undefined;
  /** The expired lease that was seen, and when it was first seen. */
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
      // A row of another cluster node may also be reported as a conflict.
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
      // A conflict means that another node renewed or removed the lease at the same moment.
      await this.queryRunner.query(statement, [lease.lease]).catch((error: unknown) => {
        if (!isConflict(error)) throw error;
      });
    }
  }

  /**
   * Whether the server still runs a statement of the holder: an ALTER TABLE continues after its client was killed.
   * Another connection may have the same id, on another node or after a restart of the server. A holder checks its
   * lease before each statement, so a statement that began after the lease expired is not the holder's.
   */
  private async isExecuting({ connection, overFor }: Lease): Promise<boolean> {
    const [{ own }]: [{ own: number | string }] = await this.queryRunner.query('SELECT CONNECTION_ID() AS own');
    if (Number(own) === Number(connection)) return false;
    const sessions: { Id: number | string; db: string | null; Command: string; Time: number | string | null }[] =
      await this.queryRunner.query('SHOW PROCESSLIST');
    const { database } = this.queryRunner.dataSource.driver;
    return sessions.some(
      ({ Id, db, Command, Time }) =>
        Number(Id) === Number(connection) &&
        db === database &&
        /^(Query|Execute)$/.test(Command) &&
        Number(Time) >= overFor,
    );
  }
}
