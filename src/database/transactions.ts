import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { ContextValue } from '../common/context-value.js';
import { Semaphore } from '../common/semaphore.js';
import { Settings } from '../config/settings.js';
import { SESSION_ISOLATION } from './connection-options.js';
import type { ConstantStatement } from './constant-statement.js';
import { DatabasePool } from './database-pool.js';
import { type Dialect, dialectOf, isBusy, isConflict, isServerUnusable, isStatementLogged, isTimeout } from './dialect.js';
import { writeAlone } from './prepared.js';
import { currentAllowance, DatabaseTimeout, type TimeAllowance } from './time-allowance.js';

/** DI token of the data source that writes. On MySQL it is the one that reads; on SQLite it has a connection of its own. */
export const WRITER = Symbol('writing data source');

/** What is done after a transaction, by how it ends. */
interface Effect {
  readonly whenCommitted: () => void;
  readonly otherwise: () => void;
}

/** What the transactions that run have for later, each its own list. */
const afterwards = new ContextValue<Effect[]>();

/**
 * Does something once the transaction is committed that this code runs in: once, however often that is run, and not at all
 * if it is not committed. Outside of a transaction it is done at once.
 *
 * @param otherwise done in its place for each run that is not committed, or whose COMMIT is not answered.
 */
export function afterCommit(whenCommitted: () => void, otherwise: () => void = () => undefined): void {
  const effects = afterwards.current;
  if (effects) effects.push({ whenCommitted, otherwise });
  else whenCommitted();
}

/**
 * Runs work within the caller's transaction and rolls it back, including its after-commit effects. It fails with the errors the real work
 * would fail with.
 *
 * @throws what the work throws.
 */
export async function rehearse(manager: EntityManager, work: (manager: EntityManager) => Promise<unknown>): Promise<void> {
  const effects: Effect[] = [];
  try {
    await manager.query('SAVEPOINT rehearsal');
    await afterwards.by(effects, () => work(manager));
    // By hand: TypeORM hides why this fails. The database may have ended the whole transaction in favour of another one meanwhile.
    await manager.query('ROLLBACK TO SAVEPOINT rehearsal');
  } finally {
    for (const { otherwise } of effects) otherwise();
  }
}

/** What a transaction sees of others, where it asks for more than the sessions have. */
export type Isolation = 'REPEATABLE READ' | 'READ COMMITTED';

/** A write that failed because the database could not be written. */
export interface WriteFailure {
  /** When, by the clock of `performance`. */
  readonly at: number;
  /** What was to be written, where a statement failed: a table may be full where another one is not. */
  readonly statement: { readonly text: string; readonly parameters: readonly unknown[] } | null;
}

/**
 * How often work is tried that was ended in favour of other work. Of many calls at once on one row of a Galera cluster, one is committed at
 * a time, and the others try again.
 */
const ATTEMPTS = 16;

/** Milliseconds of the longest pause before another attempt. */
const LONGEST_PAUSE = 100;

/**
 * The only way to write.
 *
 * On MySQL the work is a transaction on a pooled connection, started again when the database chose it as the victim
 * of a deadlock. SQLite has one writing connection, where statements of two transactions would mix: there the works
 * wait for each other, and a failed one takes nothing of another with it. Reads go through the injected repositories,
 * on SQLite over a second connection, so that they never see what is not committed.
 *
 * A request waits DB_TIMEOUT at most, over all of its transactions: on MySQL the pool sees to that, on SQLite this class does.
 *
 * Work must not wait for anything but the database, and must not have effects outside it: it may run more than once. What
 * is to follow it is left to {@link afterCommit}.
 */
@Injectable()
export class Transactions {
  /** Whether the server has refused READ COMMITTED. */
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

  /** The last write that failed because the database could not be written; null where none did, or where it was forgotten. */
  get writeFailure(): WriteFailure | null {
    return this.lastFailure;
  }

  /**
   * Forgets a failure, unless there is a later one. Only a probe of the same write may tell that it is over: other writes may succeed on
   * a full disk.
   */
  forgetFailure(failure: WriteFailure): void {
    if (this.lastFailure === failure) this.lastFailure = null;
  }

  /**
   * Runs all of the work or nothing of it.
   *
   * @param isolation `READ COMMITTED` for work that writes first and looks for rivals afterwards: what it does not find
   *   stays unlocked, so that calls for different things do not meet. MySQL only; SQLite serializes anyway. A server with
   *   `binlog_format=STATEMENT` refuses it: there the work runs REPEATABLE READ. What it reads `FOR UPDATE` is as current, and more is locked.
   */
  async run<T>(work: (manager: EntityManager) => Promise<T>, isolation: Isolation = 'REPEATABLE READ'): Promise<T> {
    const { result, effects } = await this.repeatOnConflict(() => this.attempt(work, isolation));
    for (const { whenCommitted } of effects) whenCommitted();
    return result;
  }

  /**
   * Runs a single statement written by hand, which is atomic by itself.
   *
   * @returns how many rows it changed. On MySQL an upsert counts 1 for a new row, 2 for a changed one, 0 for neither.
   */
  async affectedBy(statement: ConstantStatement, parameters: readonly (string | number)[]): Promise<number> {
    return this.repeatOnConflict(async () => (await writeAlone(this.writer, this.pool.current, statement, parameters)).affected);
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
        // A SQLite file that another process is writing to is free again when that is done, not after so many attempts.
        const isHopeless = isBusy(error) ? performance.now() > end : !isConflict(error) || attempt === ATTEMPTS;
        this.noteFailure(error);
        if (isHopeless) throw error;
        // Victims of the same deadlock must not meet again at the same moment.
        await new Promise((resolve) => setTimeout(resolve, randomInt(Math.min(10 * attempt, LONGEST_PAUSE))));
      }
    }
  }

  /** A statement that waits for too long says nothing of the server: the reads of readiness find out whether that answers. */
  private noteFailure(error: unknown): void {
    if (!isServerUnusable(error) || isTimeout(error)) return;
    const isWrite = error instanceof QueryFailedError && /^\s*(INSERT|UPDATE|DELETE)\b/i.test(error.query);
    const statement = isWrite ? { text: error.query, parameters: Array.isArray(error.parameters) ? error.parameters : [] } : null;
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
