import type { EntityManager } from 'typeorm';
import { Account } from '../database/entities/account.entity.js';

/** The column that links a row to its account. */
const OWNER = 'account_id';

/**
 * Deletes an account with every row that belongs to it, within the caller's transaction. That transaction must have
 * locked the account.
 *
 * Each table has its own DELETE statement. Older installations may have no foreign keys, or keys that do not cascade.
 * The database would then keep passwords, rights and the phone number of a deleted account. Every entity with an
 * `account_id` column is included automatically.
 */
export async function deleteAccount(manager: EntityManager, id: number): Promise<void> {
  for (const { target, columns } of manager.dataSource.entityMetadatas) {
    if (columns.some(({ databaseName }) => databaseName === OWNER)) await manager.delete(target, { accountId: id });
  }
  await manager.delete(Account, { id });
}
