import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { type Dialect, dialectOf, isConflict } from './dialect.js';

/** DI token of the data source that writes. On MySQL it is the one that reads; on SQLite it has a connection of its own. */
export const WRITER = Symbol('writing data source');

const ATTEMPTS = 8;

/**
 * The only way to write.
 *
 * On MySQL the work is a transaction on a pooled connection, started again when the database chose it as the victim
 * of a deadlock. SQLite has one writing connection, where statements of two transactions would mix: there the works
 * wait for each other, and a failed one takes nothing of another with it. Reads go through the injected repositories,
 * on SQLite over a second connection, so that they never see what is not committed.
 *
 * Work must not wait for anything but the database, and must not have effects outside it: it may run more than once.
 */
@Injectable()
export class Transactions {
  private lastInLine: Promise<unknown> = Promise.resolve();

  constructor(@Inject(WRITER) private readonly writer: DataSource) {}

  get dialect(): Dialect {
    return dialectOf(this.writer);
  }

  /**
   * Runs all of the work or nothing of it.
   *
   * @param isolation `READ COMMITTED` for work that writes first and looks for rivals afterwards: what it does not find
   *   stays unlocked, so that calls for different things do not meet. MySQL only; SQLite serializes anyway.
   */
  async run<T>(
    work: (manager: EntityManager) => Promise<T>,
    isolation: 'REPEATABLE READ' | 'READ COMMITTED' = 'REPEATABLE READ',
  ): Promise<T> {
    return this.repeatOnConflict(() =>
      this.inTurn(() => (this.dialect === 'mysql' ? this.writer.transaction(isolation, work) : this.writer.transaction(work))),
    );
  }

  /**
   * Runs a single statement written by hand, which is atomic by itself.
   *
   * @returns how many rows it changed. On MySQL an upsert counts 1 for a new row, 2 for a changed one, 0 for neither.
   */
  async affectedBy(statement: string, parameters: readonly (string | number)[]): Promise<number> {
    return this.repeatOnConflict(() =>
      this.inTurn(async () => {
        const queryRunner = this.writer.createQueryRunner();
        try {
          return (await queryRunner.query(statement, [...parameters], true)).affected ?? 0;
        } finally {
          await queryRunner.release();
        }
      }),
    );
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.dialect === 'mysql') return work();
    const result = this.lastInLine.then(work);
    this.lastInLine = result.catch(() => undefined);
    return result;
  }

  private async repeatOnConflict<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isConflict(error) || attempt === ATTEMPTS) throw error;
        // Victims of the same deadlock must not meet again at the same moment.
        await new Promise((resolve) => setTimeout(resolve, randomInt(10 * attempt)));
      }
    }
  }
}
