import { LOCKS_TABLE } from '../cluster-locks.js';
import { MIGRATIONS_TABLE } from '../connection-options.js';
import { MIGRATION_LOCK_TABLE } from '../migration-lease.js';
import { ACCOUNT_EMAILS } from '../migrations/1767225621000-account-emails.js';
import { TOKENS_OF_ACCOUNT } from '../migrations/1767225614000-creation-tokens.js';
import { CLEANING_INDEXES } from '../migrations/1767225620000-cleaning-indexes.js';
import { LOOKUPS } from '../migrations/1767225609000-lookup-indexes.js';
import type { FoundSchema } from './found-tables.js';
import type { UniqueIndex } from './judge-schema.js';
import { NEEDED_TABLES } from './needed-tables.js';

/** Tables that the migration process itself uses. */
const TABLES_OF_MIGRATIONS = [MIGRATIONS_TABLE, MIGRATION_LOCK_TABLE];

/** Indexes that migrations add, besides those of {@link LOOKUPS} and the unique ones. */
const FURTHER_INDEXES = [
  { table: 'accounts', index: 'accounts_phone_index', madeBy: 'AccountPhone1767225606000' },
  { table: 'accounts', index: ACCOUNT_EMAILS, madeBy: 'AccountEmails1767225621000' },
  { table: 'tokens', index: TOKENS_OF_ACCOUNT, madeBy: 'CreationTokens1767225614000' },
  { table: 'delivery_claims', index: 'delivery_claims_expires_index', madeBy: 'DeliveryClaims1767225610000' },
  ...CLEANING_INDEXES.map(({ table, index }) => ({ table, index, madeBy: 'CleaningIndexes1767225620000' })),
];

/** Rights that the pending migrations need on the current schema. If everything already exists, none. */
export function neededRights(
  { tables }: FoundSchema,
  pending: ReadonlySet<string>,
  uniqueIndexes: readonly UniqueIndex[],
): string[] {
  if (pending.size === 0) return [];
  const hasIndex = (table: string, index: string) =>
    tables.get(table)?.indexes.some(({ name }) => name === index) ?? false;
  const toMake = Object.entries(NEEDED_TABLES).filter(([name, { madeBy }]) => pending.has(madeBy) && !tables.has(name));
  const toAdd = Object.entries(NEEDED_TABLES).flatMap(([table, { columns }]) =>
    Object.entries(columns).filter(
      ([name, { madeBy }]) => madeBy && pending.has(madeBy) && !tables.get(table)?.columns.has(name),
    ),
  );
  const isUniqueMissing = uniqueIndexes.some(
    ({ madeBy, table, index }) => pending.has(madeBy) && !hasIndex(table, index),
  );
  const isLookupMissing = LOOKUPS.some(
    ([table, column]) => !tables.get(table)?.indexes.some(({ columns }) => columns[0] === column),
  );
  const isFurtherMissing = FURTHER_INDEXES.some(
    ({ table, index, madeBy }) => pending.has(madeBy) && !hasIndex(table, index),
  );
  const makesIndexed = toMake.some(([table]) => table !== LOCKS_TABLE);
  const isIndexed = isUniqueMissing || isLookupMissing || isFurtherMissing || makesIndexed;
  return [
    ...(toMake.length > 0 || TABLES_OF_MIGRATIONS.some((table) => !tables.has(table)) ? ['CREATE'] : []),
    ...(toAdd.length > 0 ? ['ALTER'] : []),
    ...(isIndexed ? ['INDEX'] : []),
    ...(toMake.some(([, { columns }]) => columns.account_id) ? ['REFERENCES'] : []),
  ];
}
