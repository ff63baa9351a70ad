import { createHash } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { dialectOf } from './dialect.js';

/** A table with one row for each lock that was ever taken, 65,536 rows at most. See {@link lockOnAllNodes}. */
export const LOCKS_TABLE = 'flexisip_api_locks';

/**
 * Server variables and the values that show a multi-primary database: a node of a Galera cluster, or a member of a
 * group replication without a single primary. Several servers of such a database accept writes at once and do not know
 * each other's row locks.
 */
const MULTI_PRIMARY_VARIABLES: Readonly<Record<string, string>> = {
  wsrep_on: 'ON',
  group_replication_single_primary_mode: 'OFF',
};

/** Results of {@link isMultiPrimary} by data source. A database does not become a cluster while the service runs. */
const known = new WeakMap<DataSource, boolean>();

/**
 * Serializes all transactions that take a lock of this name, from within the caller's transaction. The database rejects
 * a transaction that read before another one committed.
 *
 * A row lock (`SELECT … FOR UPDATE`) serializes transactions on one server. Nodes of a cluster see only each other's
 * writes, so two nodes that lock the same row both commit. Here both write the same row. The cluster then rejects one
 * of them at COMMIT, and `Transactions` runs that one again. On a single server this function does nothing, so callers
 * take a row lock as well.
 *
 * @param name of what is locked; two names may share a lock.
 */
export async function lockOnAllNodes(manager: EntityManager, name: string): Promise<void> {
  if (!(await isMultiPrimary(manager))) return;
  const slot = createHash('sha256').update(name).digest().readUInt16BE(0);
  await manager.query(`INSERT INTO ${LOCKS_TABLE} (id, uses) VALUES (?, 1) ON DUPLICATE KEY UPDATE uses = uses + 1`, [
    slot,
  ]);
}

/**
 * Whether several servers of this database accept writes at once. The start asks first, so that no request pays for the
 * query.
 *
 * @param manager of a data source, or of a transaction.
 */
export async function isMultiPrimary(manager: EntityManager): Promise<boolean> {
  const { dataSource } = manager;
  if (dialectOf(dataSource) === 'sqlite') return false;
  const before = known.get(dataSource);
  if (before !== undefined) return before;
  const names = Object.keys(MULTI_PRIMARY_VARIABLES).map((name) => `'${name}'`);
  const rows: { Variable_name: string; Value: string }[] = await manager.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.join(', ')})`,
  );
  const found = rows.some(({ Variable_name: name, Value: value }) => MULTI_PRIMARY_VARIABLES[name] === value);
  known.set(dataSource, found);
  return found;
}
