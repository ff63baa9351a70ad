import { setImmediate as nextTurn } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { QueryRunner } from 'typeorm';
import { dialectOf, isBusy } from './dialect.js';
import { type Attempts, currentLease, describe, LEASE, LeaseAttempts, MIGRATION_LOCK_TABLE, RENEWAL } from './migration-lease.js';
import { withTimeLimit, withoutTimeLimit } from './time-allowance.js';

/** How long a process waits, in seconds, for another one that is migrating the same database. */
const LOCK_WAIT = 600;

/** The same, without telling: others that start at the same time are soon done. */
const SHORT_WAIT = 2;

/** Receives a sentence for the operator: a warning, or that another process is waited for. */
export type Tell = (sentence: string) => void;

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
 * @param tell receives, once, that another process has the lock and is waited for.
 * @throws MigrationLocked before the work; MigrationLockLost within it.
 */
export function underMigrationLock<T>(queryRunner: QueryRunner, tell: Tell, work: () => Promise<T>): Promise<T> {
  const locked = dialectOf(queryRunner.dataSource) === 'sqlite' ? lockedOnSqlite : lockedOnMysql;
  return withoutTimeLimit(() => locked(queryRunner, tell, work));
}

/** Who migrates at this moment, and since when, as far as is known; or null. Changes nothing. */
export async function migrationLockHolder(queryRunner: QueryRunner): Promise<string | null> {
  if (dialectOf(queryRunner.dataSource) === 'sqlite' || !(await queryRunner.hasTable(MIGRATION_LOCK_TABLE))) return null;
  const lease = await currentLease(queryRunner);
  return lease && lease.overFor <= 0 ? describe(lease) : null;
}

async function lockedOnMysql<T>(queryRunner: QueryRunner, tell: Tell, work: () => Promise<T>): Promise<T> {
  const lease = randomUUID();
  await waitFor(new LeaseAttempts(queryRunner, lease), tell);
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

async function waitFor(attempts: Attempts, tell: Tell): Promise<void> {
  if (await attempts.take(SHORT_WAIT)) return;
  const holder = attempts.holder ? ` (${attempts.holder})` : '';
  tell(`Another process writes to the database or migrates it${holder}; waiting for it, up to ${LOCK_WAIT} s.`);
  if (!(await attempts.take(LOCK_WAIT))) throw new MigrationLocked(attempts.holder);
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
async function lockedOnSqlite<T>(queryRunner: QueryRunner, tell: Tell, work: () => Promise<T>): Promise<T> {
  const take = async (seconds: number): Promise<boolean> => {
    await queryRunner.query(`PRAGMA busy_timeout = ${seconds * 1000}`);
    // SQLite waits with the whole process standing still: what was said before is written first.
    await nextTurn();
    return queryRunner.query('BEGIN IMMEDIATE').then(() => true, rejectUnlessBusy);
  };
  try {
    await waitFor({ take }, tell);
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
