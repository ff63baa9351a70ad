import { Injectable } from '@nestjs/common';
import { randomAlphanumeric } from '../common/random.js';
import { constantStatement } from './constant-statement.js';
import { isServerUnusable } from './dialect.js';
import { writePrepared } from './prepared.js';
import { rehearse, Transactions, type WriteFailure } from './transactions.js';

/** Milliseconds after a failed write during which the database counts as not writable, even if other writes succeed. */
const PAUSE_AFTER_FAILURE = 5_000;

/** Changes no row. A read-only server still rejects it. */
const DELETE_NO_ROW = constantStatement('DELETE FROM tokens WHERE id = 0');

/**
 * The row exists only within its transaction. It satisfies the same constraints as a token: an operator may have made
 * columns unique or NOT NULL.
 */
const INSERT_TOKEN = constantStatement(
  `INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, created_at, updated_at)
   VALUES (?, 'probe', ?, ?, 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`,
);
const DELETE_TOKEN = constantStatement('DELETE FROM tokens WHERE id = ?');

/** A number of characters that fits into every column of a token. */
const PROBE_LENGTH = 13;

/** Checks whether the database accepts writes. */
@Injectable()
export class WriteProbe {
  constructor(private readonly transactions: Transactions) {}

  /**
   * Runs a write that changes nothing. After a failed write of the service, the same statement must succeed first; it
   * is rolled back. Then a whole transaction must commit. A full disk may reject the statement, and a cluster without a
   * majority may reject the COMMIT.
   *
   * @returns false for some seconds after a failed write.
   * @throws the error with which the database rejects the write.
   */
  async takesWrites(): Promise<boolean> {
    const { writeFailure } = this.transactions;
    if (writeFailure === null) {
      await this.transactions.affectedBy(DELETE_NO_ROW, []);
      return true;
    }
    if (performance.now() - writeFailure.at <= PAUSE_AFTER_FAILURE) return false;
    await this.repeatFailed(writeFailure);
    await this.commitTransaction();
    this.transactions.forgetFailure(writeFailure);
    return true;
  }

  /**
   * Runs the failed statement and rolls it back. A duplicate or a missing row also shows that the server accepts
   * writes.
   */
  private async repeatFailed({ statement }: WriteFailure): Promise<void> {
    if (statement === null) return;
    try {
      await this.transactions.run((manager) =>
        rehearse(manager, (own) => own.query(statement.text, [...statement.parameters])),
      );
    } catch (error) {
      if (isServerUnusable(error)) throw error;
    }
  }

  private async commitTransaction(): Promise<void> {
    const random = randomAlphanumeric(PROBE_LENGTH);
    await this.transactions.run(async (manager) => {
      const { insertId } = await writePrepared(manager, INSERT_TOKEN, [random, random, random]);
      await writePrepared(manager, DELETE_TOKEN, [insertId]);
    });
  }
}
