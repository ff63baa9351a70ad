import type { Api } from './api.js';

const TABLES = [
  'accounts',
  'passwords',
  'aliases',
  'admins',
  'api_keys',
  'nonces',
  'email_changed',
  'phone_change_codes',
  'tokens',
  'activation_expirations',
];

/** The whole content of the database. A test compares it to show that a request wrote nothing. */
export async function everythingStored(api: Api): Promise<Record<string, unknown[]>> {
  const entries: [string, unknown[]][] = [];
  for (const table of TABLES) entries.push([table, await api.sql(`SELECT * FROM ${table} ORDER BY id`)]);
  return Object.fromEntries(entries);
}
