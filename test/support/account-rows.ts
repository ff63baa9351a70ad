import type { Api } from './api.js';
import { isOnServer } from './test-database.js';

const TABLES = isOnServer
  ? "SELECT table_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'account_id'"
  : "SELECT m.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'account_id' WHERE m.type = 'table'";

/** The number of rows that each table has for an account. It covers all tables of the database. */
export async function rowsOf(api: Api, accountId: number): Promise<Record<string, number>> {
  const rows: Record<string, number> = { accounts: await api.count('accounts', 'id = ?', [accountId]) };
  for (const { name } of await api.sql(TABLES)) rows[name] = await api.count(name, 'account_id = ?', [accountId]);
  return rows;
}

/** The tables with rows for the account. */
export async function tablesWith(api: Api, accountId: number): Promise<string[]> {
  const rows = await rowsOf(api, accountId);
  return Object.keys(rows)
    .filter((table) => rows[table] !== 0)
    .toSorted();
}
