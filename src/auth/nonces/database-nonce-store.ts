import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { constantStatement } from '../../database/constant-statement.js';
import { formatDateTime } from '../../database/columns/utc-date-time.js';
import { Transactions } from '../../database/transactions.js';
import { Nonce } from '../../database/entities/nonce.entity.js';
import { NonceStore, type NonceUse } from './nonce-store.js';

/**
 * Records a use and decides in the same statement whether it is the first one.
 *
 * `nc` is the highest count seen. Bit n of `nc_window` says that nc - n was seen. A higher count shifts the window, a
 * count within the last 64 sets its bit, and any other count leaves the row unchanged.
 *
 * The guarantee "at most once, ever" depends on this being one statement, so it is written by hand. With a read before
 * the write, concurrent copies of a request would all pass.
 */
const SPEND = {
  // MySQL evaluates assignments from left to right, so the window must be computed before nc changes. Shifting an
  // unsigned 64-bit number by 64 or more gives 0. A row whose values stay the same counts as not affected. On MySQL,
  // COALESCE of an unsigned column and 0 is a DECIMAL, which the bit operators read as a signed number. MariaDB keeps
  // it unsigned.
  // Equivalent mutant `VALUES(nc) >= nc`: the bit of the highest count is set already, or the row has no window and
  // gets the same one.
  // Equivalent mutants `<= 64 THEN` and `< 65 THEN`: MySQL shifts by 64 to 0, which sets no bit.
  // Equivalent mutant `(nc_window, 1)`: only rows of the 2021 server have no window, and its nonces are rejected before
  // this statement.
  mysql:
    constantStatement(`INSERT INTO nonces (account_id, nonce, nc, nc_window, created_at, updated_at) VALUES (?, ?, ?, 1, ?, ?)
    ON DUPLICATE KEY UPDATE
      nc_window = CASE
        WHEN VALUES(nc) > nc THEN (CAST(COALESCE(nc_window, 0) AS UNSIGNED) << (VALUES(nc) - nc)) | 1
        WHEN nc - VALUES(nc) < 64 THEN CAST(COALESCE(nc_window, 0) AS UNSIGNED) | (1 << (nc - VALUES(nc)))
        ELSE nc_window END,
      nc = GREATEST(nc, VALUES(nc))`),
  // Equivalent mutant `WHEN excluded.nc >= nc`: for the same reason as on MySQL.
  // Equivalent mutant `(nc_window, 1)`: for the same reason as on MySQL.
  sqlite:
    constantStatement(`INSERT INTO nonces (account_id, nonce, nc, nc_window, created_at, updated_at) VALUES (?, ?, ?, 1, ?, ?)
    ON CONFLICT (nonce) DO UPDATE SET
      nc_window = CASE
        WHEN excluded.nc > nc THEN (COALESCE(nc_window, 0) << (excluded.nc - nc)) | 1
        ELSE COALESCE(nc_window, 0) | (1 << (nc - excluded.nc)) END,
      nc = MAX(nc, excluded.nc)
    WHERE excluded.nc > nc OR (nc - excluded.nc < 64 AND COALESCE(nc_window, 0) & (1 << (nc - excluded.nc)) = 0)`),
};

/** Stores used nonces in the database: NONCE_STORE=database. */
@Injectable()
export class DatabaseNonceStore extends NonceStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly dataSource: DataSource,
  ) {
    super();
  }

  async spend({ accountId, nonce, count }: NonceUse, now: Date): Promise<boolean> {
    const moment = formatDateTime(now);
    const parameters = [accountId, nonce, count, moment, moment];
    const affected = await this.transactions.affectedBy(SPEND[this.transactions.dialect], parameters);
    return affected > 0;
  }

  /**
   * Deletes nonces first used before the given moment.
   *
   * @param most the maximum number of nonces to delete.
   * @returns the number of deleted nonces.
   */
  async purge(before: Date, most: number): Promise<number> {
    // The oldest rows have the smallest ids. An index on created_at would slow down every call and save little here.
    // The rows are read first, without locks: a DELETE that searches by date would lock all rows it reads, and so block
    // other calls.
    const old: { id: number }[] = await this.dataSource.query(
      'SELECT id FROM (SELECT id, created_at FROM nonces ORDER BY id LIMIT ?) AS oldest WHERE created_at < ? OR created_at IS NULL',
      [most, formatDateTime(before)],
    );
    if (old.length === 0) return 0;
    const ids = old.map(({ id }) => id);
    return this.transactions.run(async (manager) => (await manager.delete(Nonce, { id: In(ids) })).affected ?? 0);
  }
}
