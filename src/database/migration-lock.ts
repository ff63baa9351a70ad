import { setImmediate as nextTurn } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { QueryRunner } from 'typeorm';
import { dialectOf, isBusy, isConflict, isDuplicate, isMissingTable } from './dialect.js';
import { withTimeLimit, withoutTimeLimit } from './time-allowance.js';

/** The table that holds the lock while migrations run: one row, or none. It is made when the first migration needs it. */
export const MIGRATION_LOCK_TABLE = 'flexisip_api_migration_lock';

/** How long a process waits, in seconds, for another one that is migrating the same database. */
const LOCK_WAIT = 600;

/** The same, without telling: others that start at the same time are soon done. */
const SHORT_WAIT = 2;

/** Milliseconds between two attempts to take the lock. */
const POLL = 250;

/** Seconds after which the lock of a process ends that does not renew it, by the clock of the database. */
const LEASE = 20;

/** Seconds between two renewals. */
const RENEWAL = 4;

/**
 * Seconds for which a waiting process sees an expired lock unchanged before it ends the lock: longer than between two renewals, so
 * that neither clocks of two cluster nodes that differ, nor a renewal that waits behind a long ALTER TABLE, cost a live process its lock.
 */
const GRACE = 2 * RENEWAL;

/** Is told, in a sentence, that another process is waited for. */
export type TellWait = (sentence: string) => void;

/** Another process holds the lock for too long. */
export class MigrationLocked extends Error {
  /** @param holder who holds it, and since when, where that is known. */
  constructor(holder?: string) {
    super(
      `Another process has been migrating the database for ${LOCK_WAIT} seconds${holder ? `: ${holder}` : ''}. Nothing was changed; see what hangs.`,
    );
  }
}

/** The lock ended while migrations ran: this process, or its database, stood still for longer than the lock lasts. */
export class MigrationLockLost extends Error {
  constructor() {
    super(
      `The lock on migrations was not renewed for ${LEASE} seconds, and another process has ended it. What was migrated until then stays; start again.`,
    );
  }
}

/**
 * Does work while no other process migrates or reverts the same database, also through another node of its cluster.
 *
 * On SQLite this is the write lock of one transaction: a change of the schema can be taken back there, so that the work is done
 * wholly or not at all.
 *
 * On MySQL it is a row, since locks of the server itself are known to one node of a cluster only (GET_LOCK) or forbidden there
 * (`pxc_strict_mode`). Its primary key lets one of many insert it; between nodes the cluster decides when that is committed. The row
 * ends by itself: its holder renews it over another connection while the work runs, and once the clock of the database says that it is
 * over, any process may remove it. A statement that a killed process has left behind on this server still counts as its work.
 *
 * All of it may take as long as it needs.
 *
 * @param queryRunner that the work uses; each of its statements first makes sure of the lock.
 * @param tellWait called once, when another process has the lock, which may take long.
 * @throws MigrationLocked before the work; MigrationLockLost within it.
 */
export function underMigrationLock<T>(queryRunner: QueryRunner, tellWait: TellWait, work: () => Promise<T>): Promise<T> {
  const locked = dialectOf(queryRunner.dataSource) === 'sqlite' ? lockedOnSqlite : lockedOnMysql;
  return withoutTimeLimit(() => locked(queryRunner, tellWait, work));
}

/** Who migrates at this moment, and since when, as far as is known; or null. Changes nothing. */
export async function migrationLockHolder(queryRunner: QueryRunner): Promise<string | null> {
  if (dialectOf(queryRunner.dataSource) === 'sqlite' || !(await queryRunner.hasTable(MIGRATION_LOCK_TABLE))) return null;
  const lease = await currentLease(queryRunner);
  return lease && !lease.isOver ? describe(lease) : null;
}

async function lockedOnMysql<T>(queryRunner: QueryRunner, tellWait: TellWait, work: () => Promise<T>): Promise<T> {
  const lease = randomUUID();
  await waitFor(new LeaseAttempts(queryRunner, lease), tellWait);
  const renewals = new Renewals(queryRunner, lease);
  try {
    return await withLongLockWait(queryRunner, () => renewals.during(work));
  } finally {
    // A revert has removed the table with the lock, and a row that cannot be removed now ends by itself.
    await queryRunner.query(`DELETE FROM ${MIGRATION_LOCK_TABLE} WHERE id = 1 AND lease = ?`, [lease]).catch(() => undefined);
  }
}

/** The row locks of a busy service are waited for as well: half a migration helps nobody. */
async function withLongLockWait<T>(queryRunner: QueryRunner, work: () => Promise<T>): Promise<T> {
  const [{ usual }]: [{ usual: number | string }] = await queryRunner.query('SELECT @@innodb_lock_wait_timeout AS usual');
  await queryRunner.query(`SET innodb_lock_wait_timeout = ${LOCK_WAIT}`);
  try {
    return await work();
  } finally {
    await queryRunner.query(`SET innodb_lock_wait_timeout = ${Number(usual)}`);
  }
}

/** Something that is tried until it succeeds. */
interface Attempts {
  /** @param seconds that the attempt may take. */
  take(seconds: number): Promise<boolean>;
  /** Who keeps it from succeeding, where that is known. */
  readonly holder?: string;
}

async function waitFor(attempts: Attempts, tellWait: TellWait): Promise<void> {
  if (await attempts.take(SHORT_WAIT)) return;
  const holder = attempts.holder ? ` (${attempts.holder})` : '';
  tellWait(`Another process writes to the database or migrates it${holder}; waiting for it, up to ${LOCK_WAIT} s.`);
  if (!(await attempts.take(LOCK_WAIT))) throw new MigrationLocked(attempts.holder);
}

/** A row of the table. */
interface Lease {
  readonly lease: string;
  readonly holder: string;
  readonly connection: number;
  readonly since: string;
  readonly renewals: number;
  readonly isOver: boolean;
}

function describe({ holder, since }: Lease): string {
  return `${holder}, since ${since} UTC`;
}

async function currentLease(queryRunner: QueryRunner): Promise<Lease | null> {
  const rows: Promise<(Omit<Lease, 'isOver'> & { is_over: number | string })[]> = queryRunner.query(
    `SELECT lease, holder, connection_id AS connection, since, renewals, expires < UTC_TIMESTAMP() AS is_over
       FROM ${MIGRATION_LOCK_TABLE} WHERE id = 1`,
  );
  const [row] = await rows.catch((error: unknown) => {
    // A revert that has just ended.
    if (isMissingTable(error)) return [];
    throw error;
  });
  return row ? { ...row, isOver: Number(row.is_over) === 1 } : null;
}

/** Inserts the row, over and over, and removes one that has ended. */
class LeaseAttempts implements Attempts {
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

  private async removeIfOver({ lease, renewals, isOver, connection }: Lease): Promise<void> {
    const what = `${lease} ${renewals}`;
    if (!isOver || (await this.isExecuting(connection))) this.over = undefined;
    else if (this.over?.what !== what) this.over = { what, since: performance.now() };
    else if (performance.now() - this.over.since >= GRACE * 1000) {
      const statement = `DELETE FROM ${MIGRATION_LOCK_TABLE} WHERE id = 1 AND lease = ? AND expires < UTC_TIMESTAMP()`;
      // A conflict is a lease that was renewed or removed at the same moment on another node.
      await this.queryRunner.query(statement, [lease]).catch((error: unknown) => {
        if (!isConflict(error)) throw error;
      });
    }
  }

  /** Whether the server still runs a statement of a connection: it goes on with an ALTER TABLE whose client was killed. */
  private async isExecuting(connection: number): Promise<boolean> {
    const sessions: { Id: number | string; db: string | null; Command: string }[] = await this.queryRunner.query('SHOW PROCESSLIST');
    const { database } = this.queryRunner.dataSource.driver;
    return sessions.some(
      ({ Id, db, Command }) => Number(Id) === Number(connection) && db === database && /^(Query|Execute)$/.test(Command),
    );
  }
}

/** Keeps the row alive while work runs. */
class Renewals {
  private renewed = performance.now();

  constructor(
    private readonly queryRunner: QueryRunner,
    private readonly lease: string,
  ) {}

  async during<T>(work: () => Promise<T>): Promise<T> {
    const { queryRunner } = this;
    const query = queryRunner.query.bind(queryRunner) as QueryRunner['query'];
    const timer = setInterval(() => void this.renewAside(), RENEWAL * 1000);
    // A process that stood still for too long is not to send one statement more: another may be migrating by now.
    queryRunner.query = (async (...sent: Parameters<QueryRunner['query']>) => {
      await this.makeSure((statement, parameters) => query(statement, parameters, true));
      return query(...sent);
    }) as QueryRunner['query'];
    try {
      return await work();
    } finally {
      clearInterval(timer);
      queryRunner.query = query;
    }
  }

  /**
   * While a statement runs, over another connection. Where that fails, or where the pool has one connection only, the next statement of
   * the work renews the row, or finds it gone. Meanwhile the statement that runs counts as work ({@link LeaseAttempts}).
   */
  private async renewAside(): Promise<void> {
    const renewal = async () => {
      const aside = this.queryRunner.dataSource.createQueryRunner();
      try {
        await this.renew((statement, parameters) => aside.query(statement, parameters, true));
      } finally {
        await aside.release();
      }
    };
    await withTimeLimit(RENEWAL, renewal).catch(() => undefined);
  }

  private async makeSure(send: Send): Promise<void> {
    if (performance.now() - this.renewed < (LEASE - RENEWAL) * 1000) return;
    if (!(await this.renew(send))) throw new MigrationLockLost();
  }

  private async renew(send: Send): Promise<boolean> {
    // From before it is sent: the row lasts a little longer than is thought here.
    const now = performance.now();
    const { affected } = await send(
      `UPDATE ${MIGRATION_LOCK_TABLE} SET renewals = renewals + 1, expires = UTC_TIMESTAMP() + INTERVAL ${LEASE} SECOND
        WHERE id = 1 AND lease = ?`,
      [this.lease],
    );
    if (affected !== 1) return false;
    this.renewed = now;
    return true;
  }
}

type Send = (statement: string, parameters: string[]) => Promise<{ affected?: number }>;

/** SQLite can take back a change of the schema: the write lock of one transaction serves both purposes. */
async function lockedOnSqlite<T>(queryRunner: QueryRunner, tellWait: TellWait, work: () => Promise<T>): Promise<T> {
  const take = async (seconds: number): Promise<boolean> => {
    await queryRunner.query(`PRAGMA busy_timeout = ${seconds * 1000}`);
    // SQLite waits with the whole process standing still: what was said before is written first.
    await nextTurn();
    return queryRunner.query('BEGIN IMMEDIATE').then(() => true, rejectUnlessBusy);
  };
  try {
    await waitFor({ take }, tellWait);
    return await committed(queryRunner, work);
  } finally {
    await queryRunner.query('PRAGMA busy_timeout = 5000');
  }
}

function rejectUnlessBusy(error: unknown): false {
  if (!isBusy(error)) throw error;
  return false;
}

async function committed<T>(queryRunner: QueryRunner, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await queryRunner.query('COMMIT');
    return result;
  } catch (error) {
    await queryRunner.query('ROLLBACK');
    throw error;
  }
}
