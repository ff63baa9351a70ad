import { LOCKS_TABLE } from '../../src/database/cluster-locks.js';
import { NEEDED_TABLES } from '../../src/database/schema/needed-tables.js';
import type { Api } from './api.js';

/** The tables with content. The table of locks has none, and SQLite does not have it. */
const TABLES = Object.entries(NEEDED_TABLES).filter(([table]) => table !== LOCKS_TABLE);

/** The whole content of the database. A test compares it to show that a request wrote nothing. */
export async function everythingStored(api: Api): Promise<Record<string, unknown[]>> {
  const entries: [string, unknown[]][] = [];
  for (const [table, { keys }] of TABLES)
    entries.push([table, await api.sql(`SELECT * FROM ${table} ORDER BY ${keys[0]?.join()}`)]);
  return Object.fromEntries(entries);
}
