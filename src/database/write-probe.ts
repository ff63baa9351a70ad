import { Injectable } from '@nestjs/common';
import { randomAlphanumeric } from '../common/random.js';
import { constantStatement } from './constant-statement.js';
import { isServerUnusable } from './dialect.js';
import { writePrepared } from './prepared.js';
import { rehearse, Transactions, type WriteFailure } from './transactions.js';

/** Milliseconds after a failed write for which the database counts as not writable, whatever else succeeds. */
const PAUSE_AFTER_FAILURE = 5_000;

/** Changes no row. A read-only server refuses it all the same. */
const DELETE_NO_ROW = constantStatement('DELETE FROM tokens WHERE id = 0');

/** The row exists within its transaction alone. It fits wherever a token fits: an operator may have made columns unique, or NOT NULL. */
const INSERT_TOKEN = constantStatement(
  `INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, created_at, updated_at)
   VALUES (?, 'probe', ?, ?, 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`,
);
const DELETE_TOKEN = constantStatement('DELETE FROM tokens WHERE id = ?');

/** Characters that every column of a token holds. */
const PROBE_LENGTH = 13;

/** Finds out whether the database takes writes. */
@Injectable()
export class WriteProbe {
  constructor(private readonly transactions: Transactions) {}

  /**
   * Asks for a write that changes nothing. Where a write of the service has failed, the same statement must succeed first, and is rolled
   * back, and a whole transaction must be committed: a full disk may refuse the one, and a cluster without a majority the other.
   *
   * @returns false where a write failed a moment ago.
   * @throws what the database refuses the write with.
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

  /** Runs the statement that failed, and rolls it back. A duplicate, or a row that is gone, is an answer of a server that takes writes. */
  private async repeatFailed({ statement }: WriteFailure): Promise<void> {
    if (statement === null) return;
    try {
      await this.transactions.run((manager) => rehearse(manager, (own) => own.query(statement.text, [...statement.parameters])));
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
