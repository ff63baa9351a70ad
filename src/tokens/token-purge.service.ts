import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { formatDateTime } from '../database/columns/utc-date-time.js';
import { type ConstantStatement, constantStatement } from '../database/constant-statement.js';
import { writePrepared } from '../database/prepared.js';
import { Statements } from '../database/statements.service.js';
import { Transactions } from '../database/transactions.js';
import { inBatches } from '../jobs/batches.js';
import { Job } from '../jobs/job.js';

/** The number of tokens that are removed at once. */
const BATCH = 100;

/** The time in seconds for which an expired token is kept, so that an operator can still find it. */
const KEPT = 86_400;

/** The tables of tokens. The tokens of a device are counted for its life, so they stay. */
const TABLES: readonly { readonly find: ConstantStatement; readonly remove: ConstantStatement }[] = [
  {
    find: constantStatement(`SELECT id FROM flexisip_api_tokens WHERE expires < ? LIMIT ${BATCH}`),
    remove: constantStatement('DELETE FROM flexisip_api_tokens WHERE id = ?'),
  },
  {
    find: constantStatement(`
      SELECT id FROM tokens WHERE origin IN ('request', 'invitation') AND used = 0 AND expires < ? LIMIT ${BATCH}`),
    remove: constantStatement('DELETE FROM tokens WHERE id = ? AND used = 0'),
  },
];

/** Removes expired tokens that nothing needs any more. They are no longer accepted, so this only frees space. */
@Injectable()
export class TokenPurgeService extends Job {
  readonly name = 'token-purge';
  readonly every = 3_600;

  constructor(
    private readonly statements: Statements,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Removes all tokens that expired a day ago or earlier, in batches. */
  async run(signal?: AbortSignal): Promise<number> {
    let total = 0;
    for (const table of TABLES) {
      if (signal?.aborted && total > 0) break;
      total += await inBatches(() => this.removeFrom(table), signal);
    }
    return total;
  }

  private async removeFrom({ find, remove }: (typeof TABLES)[number]): Promise<number> {
    // The tokens are read first, without locks, and then deleted by id. A DELETE that searches by date would lock the
    // index range where new tokens are inserted.
    const expired = await this.statements.read<{ id: number | string }>(find, [formatDateTime(this.clock.in(-KEPT))]);
    if (expired.length === 0) return 0;
    await this.transactions.run(async (manager) => {
      for (const { id } of expired) await writePrepared(manager, remove, [id]);
    }, 'READ COMMITTED');
    return expired.length;
  }
}
