import type { EntityManager } from 'typeorm';
import { Account } from '../database/entities/account.entity.js';

/** The column that ties a row to its account. */
const OWNER = 'account_id';

/**
 * Deletes an account with every row that belongs to it, within the caller's transaction, which holds the account.
 *
 * Each table is named by a statement of its own: where an older installation has no foreign keys, or keys that cascade nothing, the
 * database would keep passwords, rights and the phone number of an account that is gone. An entity with an `account_id` is one of
 * them without being listed here.
 */
export async function deleteAccount(manager: EntityManager, id: number): Promise<void> {
  for (const { target, columns } of manager.dataSource.entityMetadatas) {
    if (columns.some(({ databaseName }) => databaseName === OWNER)) await manager.delete(target, { accountId: id });
  }
  await manager.delete(Account, { id });
}
