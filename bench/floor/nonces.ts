import type { QueryError } from 'mysql2';
import { type Database, now } from './database.js';

/**
 * Stores a use of a nonce and decides in the same statement whether it is the first. `nc` is the highest count so far;
 * bit n of `nc_window` is set if nc - n was used. Assignments run from left to right, and an unchanged row does not
 * count.
 */
const SPEND = `
  INSERT INTO nonces (account_id, nonce, nc, nc_window, created_at, updated_at) VALUES (?, ?, ?, 1, ?, ?)
    ON DUPLICATE KEY UPDATE
      nc_window = CASE
        WHEN VALUES(nc) > nc THEN (COALESCE(nc_window, 0) << (VALUES(nc) - nc)) | 1
        WHEN nc - VALUES(nc) < 64 THEN COALESCE(nc_window, 0) | (1 << (nc - VALUES(nc)))
        ELSE nc_window END,
      nc = GREATEST(nc, VALUES(nc))`;

/** The result of a use; `orphaned` if the account was deleted in the meantime. */
export type Spending = 'spent' | 'replayed' | 'orphaned';

/** Stores a use of a nonce, after its response was proven correct. */
export async function spend(database: Database, accountId: number, nonce: string, count: number): Promise<Spending> {
  const moment = now();
  try {
    const { affectedRows } = await database.change(SPEND, [accountId, nonce, count, moment, moment]);
    return affectedRows > 0 ? 'spent' : 'replayed';
  } catch (error) {
    if ((error as QueryError).code === 'ER_NO_REFERENCED_ROW_2') return 'orphaned';
    throw error;
  }
}
