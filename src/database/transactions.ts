import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { ContextValue } from '../common/context-value.js';
import { Semaphore } from '../common/semaphore.js';
import { Settings } from '../config/settings.js';
import { SESSION_ISOLATION } from './connection-options.js';
import type { ConstantStatement } from './constant-statement.js';
import { DatabasePool } from './database-pool.js';
import {
  type Dialect,
  dialectOf,
  isBusy,
  isConflict,
  isServerUnusable,
  isStatementLogged,
  isTimeout,
} from './dialect.js';
import { writeAlone } from './prepared.js';
import { currentAllowance, DatabaseTimeout, type TimeAllowance } from './time-allowance.js';

/**
 * DI token of the data source for writes. On MySQL it is also the one for reads; on SQLite it has its own connection.
 */
export const WRITER = Symbol('writing data source');

/** Functions that run after a transaction, depending on how it ends. */
interface Effect {
  readonly whenCommitted: () => void;
  readonly otherwise: () => void;
}

/** The effects of each running transaction. */
const afterwards = new ContextValue<Effect[]>();

/**
 * Runs a function once, after the current transaction is committed. It runs once even if the transaction is repeated,
 * and not at all without a COMMIT. Outside a transaction it runs at once.
 *
 * @param otherwise runs instead, for each run that is not committed, or whose COMMIT gets no response.
 */
export function afterCommit(whenCommitted: () => void, otherwise: () => void = () => undefined): void {
  const effects = afterwards.current;
  if (effects) effects.push({ whenCommitted, otherwise });
  else whenCommitted();
}

/**
 * Runs work within the caller's transaction and rolls it back, including its after-commit effects. It fails with the
 * errors that the real work would fail with.
 *
 * @throws what the work throws.
 */
export async function rehearse(
  manager: EntityManager,
  work: (manager: EntityManager) => Promise<unknown>,
): Promise<void> {
  const effects: Effect[] = [];
  try {
    await manager.query('SAVEPOINT rehearsal');
    await afterwards.by(effects, () => work(manager));
    // The statement is sent by hand, because TypeORM hides why it fails. The database may have ended the whole
    // transaction in favour of another one.
    await manager.query('ROLLBACK TO SAVEPOINT rehearsal');
  } finally {
    for (const { otherwise } of effects) otherwise();
  }
}

/** Isolation levels of a transaction. */
export type Isolation = 'REPEATABLE READ' | 'READ COMMITTED';

/** A write that failed because the database rejects writes. */
export interface WriteFailure {
  /** The time of the failure, from `performance.now()`. */
  readonly at: number;
  /** The failed statement, if one failed: one table may be full while another is not. */
  readonly statement: { readonly text: string; readonly parameters: readonly unknown[] } | null;
}

/**
 * How often work runs that the database ends in favour of other work. Many calls at once may write one row of a Galera
 * cluster. The cluster commits one at a time, and the others run again.
 */
const ATTEMPTS = 16;

/** The longest pause before another attempt, in milliseconds. */
const LONGEST_PAUSE = 100;

/**
 * The only way to write.
 *
 * On MySQL, work is a transaction on a pooled connection. It runs again if the database chose it as the victim of a
 * deadlock. SQLite has one connection for writes, where statements of two transactions would mix. There, work queues,
 * and failed work does not roll back other work. Reads use the injected repositories. On SQLite these use a second
 * connection, so they never see uncommitted data.
 *
 * A request waits at most DB_TIMEOUT over all of its transactions. On MySQL the pool enforces this, on SQLite this
 * class does.
 *
 * Work must wait only for the database and must have no effects outside it, because it may run more than once.
 * Follow-up effects belong in {@link afterCommit}.
 */
@Injectable()
export class Transactions {
  /** Whether the server has rejected READ COMMITTED. */
  private isStatementLogged = false;
  /** SQLite has one connection that writes. */
  private readonly turns = new Semaphore(1);
  private lastFailure: WriteFailure | null = null;

  constructor(
    @Inject(WRITER) private readonly writer: DataSource,
    private readonly pool: DatabasePool,
    private readonly settings: Settings,
  ) {}

  get dialect(): Dialect {
    return dialectOf(this.writer);
  }

  /** The last write that failed because the database rejects writes; null if there is none, or if it was forgotten. */
  get writeFailure(): WriteFailure | null {
    return this.lastFailure;
  }

  /**
   * Forgets a failure, unless a later one was recorded. Only a probe of the same write may call this: other writes may
   * succeed on a full disk.
   */
  forgetFailure(failure: WriteFailure): void {
    if (this.lastFailure === failure) this.lastFailure = null;
  }

  /**
   * Runs work in a transaction, all of it or nothing.
   *
   * @param isolation `READ COMMITTED` for work that writes first and then searches for conflicting rows. Rows that the
   *   search does not find stay unlocked, so unrelated calls do not block each other. Only MySQL uses it; SQLite
   *   serializes in any case. A server with `binlog_format=STATEMENT` rejects READ COMMITTED, and the work runs in
   *   REPEATABLE READ there. Its `FOR UPDATE` reads are as current, and it locks more rows.
   */
  async run<T>(work: (manager: EntityManager) => Promise<T>, isolation: Isolation = 'REPEATABLE READ'): Promise<T> {
    const { result, effects } = await this.repeatOnConflict(() => this.attempt(work, isolation));
    for (const { whenCommitted } of effects) whenCommitted();
    return result;
  }

  /**
   * Runs a single statement written by hand. One statement is atomic by itself.
   *
   * @returns the number of changed rows. On MySQL an upsert counts 1 for a new row, 2 for a changed row, 0 for an
   *   unchanged row.
   */
  async affectedBy(statement: ConstantStatement, parameters: readonly (string | number)[]): Promise<number> {
    return this.repeatOnConflict(
      async () => (await writeAlone(this.writer, this.pool.current, statement, parameters)).affected,
    );
  }

  private async attempt<T>(work: (manager: EntityManager) => Promise<T>, isolation: Isolation) {
    const effects: Effect[] = [];
    try {
      const result = await afterwards.by(effects, () =>
        this.dialect === 'mysql' && isolation !== SESSION_ISOLATION && !this.isStatementLogged
          ? this.writer.transaction(isolation, work)
          : this.writer.transaction(work),
      );
      return { result, effects };
    } catch (error) {
      for (const { otherwise } of effects) otherwise();
      throw error;
    }
  }

  private async repeatOnConflict<T>(work: () => Promise<T>): Promise<T> {
    const allowance = currentAllowance(this.settings.databaseTimeout);
    const end = performance.now() + allowance.left;
    for (let attempt = 1; ; attempt++) {
      try {
        return await (this.dialect === 'mysql' ? work() : this.inTurn(work, end, allowance));
      } catch (error) {
        if (isStatementLogged(error) && attempt < ATTEMPTS) {
          this.isStatementLogged = true;
          continue;
        }
        // Another process writes to the SQLite file. The file is free when that process ends, not after a number of
        // attempts.
        const isHopeless = isBusy(error) ? performance.now() > end : !isConflict(error) || attempt === ATTEMPTS;
        this.noteFailure(error);
        if (isHopeless) throw error;
        // A random pause keeps victims of the same deadlock from colliding again.
        await new Promise((resolve) => setTimeout(resolve, randomInt(Math.min(10 * attempt, LONGEST_PAUSE))));
      }
    }
  }

  /** A timeout says nothing about the server. The reads of the readiness check find out whether it responds. */
  private noteFailure(error: unknown): void {
    if (!isServerUnusable(error) || isTimeout(error)) return;
    const isWrite = error instanceof QueryFailedError && /^\s*(INSERT|UPDATE|DELETE)\b/i.test(error.query);
    const statement = isWrite
      ? { text: error.query, parameters: Array.isArray(error.parameters) ? error.parameters : [] }
      : null;
    this.lastFailure = { at: performance.now(), statement };
  }

  private async inTurn<T>(work: () => Promise<T>, end: number, allowance: TimeAllowance): Promise<T> {
    allowance.begin();
    try {
      return await this.turns.run(() => {
        if (performance.now() > end) throw new DatabaseTimeout();
        return work();
      });
    } finally {
      allowance.end();
    }
  }
}
