import { createHash } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { dialectOf } from './dialect.js';

/** A row for each lock that was ever taken, of 65,536 at most; see {@link lockOnAllNodes}. */
export const LOCKS_TABLE = 'flexisip_api_locks';

/**
 * What servers say of themselves where several of them may be written to at once, and know nothing of each other's row locks:
 * a node of a Galera cluster, a member of a group replication without a single primary.
 */
const MULTI_PRIMARY_VARIABLES: Readonly<Record<string, string>> = { wsrep_on: 'ON', group_replication_single_primary_mode: 'OFF' };

/** What {@link isMultiPrimary} has found, by data source: a database does not become a cluster while the service runs. */
const known = new WeakMap<DataSource, boolean>();

/**
 * Serializes, within the caller's transaction, all transactions that take a lock of this name. A transaction that read before another one
 * committed is refused.
 *
 * A row lock (`SELECT … FOR UPDATE`) does that on one server, but the nodes of a cluster see each other's writes alone: two that only
 * lock the same row are both committed. Here both write the same row, so that the cluster refuses one of them at COMMIT, which is then
 * begun again (`Transactions`). It does nothing on a single server: callers take a row lock as well.
 *
 * @param name of what is locked; two names may share a lock.
 */
export async function lockOnAllNodes(manager: EntityManager, name: string): Promise<void> {
  if (!(await isMultiPrimary(manager))) return;
  const slot = createHash('sha256').update(name).digest().readUInt16BE(0);
  await manager.query(`INSERT INTO ${LOCKS_TABLE} (id, uses) VALUES (?, 1) ON DUPLICATE KEY UPDATE uses = uses + 1`, [slot]);
}

/**
 * Whether the database is one of several that may be written to at once. Asked at start, so that no call pays for it.
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
