import { setImmediate as nextTurn } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { QueryRunner } from 'typeorm';
import { dialectOf, isBusy } from './dialect.js';
import {
  type Attempts,
  currentLease,
  describe,
  LEASE,
  LeaseAttempts,
  MIGRATION_LOCK_TABLE,
  RENEWAL,
} from './migration-lease.js';
import { withTimeLimit, withoutTimeLimit } from './time-allowance.js';

/** Seconds for which a process waits for another one that is migrating the same database. */
const LOCK_WAIT = 600;

/** Seconds for which a process waits before it reports that: processes that start at the same time finish soon. */
const SHORT_WAIT = 2;

/** Receives a sentence for the operator: a warning, or that the process waits for another one. */
export type Tell = (sentence: string) => void;

/** Another process has held the lock for too long. */
export class MigrationLocked extends Error {
  /** @param holder the process that holds it and its start time, if known. */
  constructor(holder?: string) {
    super(
      `Another process has been migrating the database for ${LOCK_WAIT} seconds${holder ? `: ${holder}` : ''}. Nothing was changed; see what hangs.`,
    );
  }
}

/** The lock expired while migrations ran: this process or its database paused for longer than the lock lasts. */
export class MigrationLockLost extends Error {
  constructor() {
    super(
      `The lock on migrations was not renewed for ${LEASE} seconds, and another process has ended it. What was migrated until then stays; start again.`,
    );
  }
}

/**
 * Runs work while no other process migrates or reverts the same database, on any node of its cluster.
 *
 * On SQLite the lock is the write lock of one transaction. SQLite can roll back a schema change, so the work is done
 * completely or not at all.
 *
 * On MySQL the lock is a row. Locks of the server itself are known to only one node of a cluster (GET_LOCK), or
 * forbidden there (`pxc_strict_mode`). The primary key lets only one process insert the row; between nodes the cluster
 * decides at COMMIT. The row expires by itself: its holder renews it over another connection while the work runs. Once
 * it has expired by the clock of the database, any process may remove it. A statement that a killed process left
 * running on this server still counts as work of the holder.
 *
 * The work has no time limit.
 *
 * @param queryRunner that the work uses; each of its statements checks the lock first.
 * @param tell receives, once, a sentence that another process holds the lock.
 * @throws MigrationLocked before the work; MigrationLockLost during it.
 */
export function underMigrationLock<T>(queryRunner: QueryRunner, tell: Tell, work: () => Promise<T>): Promise<T> {
  const locked = dialectOf(queryRunner.dataSource) === 'sqlite' ? lockedOnSqlite : lockedOnMysql;
  return withoutTimeLimit(() => locked(queryRunner, tell, work));
}

/** The process that is migrating now and its start time, as far as known; null if there is none. Read-only. */
export async function migrationLockHolder(queryRunner: QueryRunner): Promise<string | null> {
  if (dialectOf(queryRunner.dataSource) === 'sqlite' || !(await queryRunner.hasTable(MIGRATION_LOCK_TABLE)))
    return null;
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
    // A revert has dropped the table with the lock. A row that cannot be deleted now expires by itself.
    await queryRunner
      .query(`DELETE FROM ${MIGRATION_LOCK_TABLE} WHERE id = 1 AND lease = ?`, [lease])
      .catch(() => undefined);
  }
}

/** Row locks of a busy service get the same long wait, because half a migration is of no use. */
async function withLongLockWait<T>(queryRunner: QueryRunner, work: () => Promise<T>): Promise<T> {
  const [{ usual }]: [{ usual: number | string }] = await queryRunner.query(
    'SELECT @@innodb_lock_wait_timeout AS usual',
  );
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

/** Renews the row while work runs. */
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
    // A process that paused for too long must not send another statement: another process may already be migrating.
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
   * Renews the row over another connection while a statement runs. If that fails, or if the pool has only one
   * connection, the next statement of the work renews the row or finds it gone. Until then the running statement itself
   * keeps the lock ({@link LeaseAttempts}).
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
    // The time is taken before the statement is sent, so the row lasts a little longer than assumed here.
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

/** SQLite can roll back a schema change, so the write lock of one transaction gives both exclusion and atomicity. */
async function lockedOnSqlite<T>(queryRunner: QueryRunner, tell: Tell, work: () => Promise<T>): Promise<T> {
  const take = async (seconds: number): Promise<boolean> => {
    await queryRunner.query(`PRAGMA busy_timeout = ${seconds * 1000}`);
    // While SQLite waits, it blocks the whole process. Earlier output is written first.
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
