import { Injectable } from '@nestjs/common';
import { constantStatement } from './constant-statement.js';
import { writePrepared } from './prepared.js';
import { Transactions } from './transactions.js';

/** Milliseconds after a failed write for which no probe is trusted: a table may be full where another one is not. */
const DOUBT = 5_000;

/** A server that is read-only refuses it although it concerns no row. */
const NOTHING = constantStatement('DELETE FROM tokens WHERE id = 0');

/** The row exists within its transaction alone. */
const INSERT = constantStatement("INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used) VALUES ('', '', '', '', 1)");
const DELETE = constantStatement('DELETE FROM tokens WHERE id = ?');

/** Finds out whether the database takes writes. */
@Injectable()
export class WriteProbe {
  constructor(private readonly transactions: Transactions) {}

  /**
   * Asks for a write that changes nothing. Where the last write of the service failed, a whole transaction is written and committed, as
   * a full disk or a cluster without a majority refuses only that.
   *
   * @returns false where a write failed a moment ago.
   * @throws what the database refuses the write with.
   */
  async takesWrites(): Promise<boolean> {
    const { failedAt } = this.transactions;
    if (failedAt === null) {
      await this.transactions.affectedBy(NOTHING, []);
      return true;
    }
    await this.transactions.run(async (manager) => {
      const { insertId } = await writePrepared(manager, INSERT, []);
      await writePrepared(manager, DELETE, [insertId]);
    });
    return performance.now() - failedAt > DOUBT;
  }
}
