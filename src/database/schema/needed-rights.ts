import { LOCKS_TABLE } from '../cluster-locks.js';
import { MIGRATIONS_TABLE } from '../connection-options.js';
import { MIGRATION_LOCK_TABLE } from '../migration-lease.js';
import { LOOKUPS } from '../migrations/1767225609000-lookup-indexes.js';
import type { FoundSchema } from './found-tables.js';
import type { UniqueIndex } from './judge-schema.js';
import { NEEDED_TABLES } from './needed-tables.js';

/** Tables that are made with the migrations, and that no entity reads. */
const OWN_TABLES = [MIGRATIONS_TABLE, MIGRATION_LOCK_TABLE, LOCKS_TABLE];

/** An index that a migration adds beside a column. */
const PHONE_INDEX = 'accounts_phone_index';

/** The rights that the pending migrations use on a schema as it is: where everything is there already, none. */
export function neededRights({ tables }: FoundSchema, pending: ReadonlySet<string>, uniqueIndexes: readonly UniqueIndex[]): string[] {
  if (pending.size === 0) return [];
  const hasIndex = (table: string, index: string) => tables.get(table)?.indexes.some(({ name }) => name === index) ?? false;
  const toMake = Object.entries(NEEDED_TABLES).filter(([name, { madeBy }]) => pending.has(madeBy) && !tables.has(name));
  const toAdd = Object.entries(NEEDED_TABLES).flatMap(([table, { columns }]) =>
    Object.entries(columns).filter(([name, { madeBy }]) => madeBy && pending.has(madeBy) && !tables.get(table)?.columns.has(name)),
  );
  const isUniqueMissing = uniqueIndexes.some(({ madeBy, table, index }) => pending.has(madeBy) && !hasIndex(table, index));
  const isLookupMissing = LOOKUPS.some(([table, column]) => !tables.get(table)?.indexes.some(({ columns }) => columns[0] === column));
  const isIndexed = isUniqueMissing || isLookupMissing || toMake.length > 0 || (toAdd.length > 0 && !hasIndex('accounts', PHONE_INDEX));
  return [
    ...(toMake.length > 0 || OWN_TABLES.some((table) => !tables.has(table)) ? ['CREATE'] : []),
    ...(toAdd.length > 0 ? ['ALTER'] : []),
    ...(isIndexed ? ['INDEX'] : []),
    ...(toMake.some(([, { columns }]) => columns.account_id) ? ['REFERENCES'] : []),
  ];
}
