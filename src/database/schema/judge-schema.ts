import { MIGRATIONS_TABLE } from '../connection-options.js';
import type { FoundColumn, FoundSchema, FoundTable } from './found-tables.js';
import { judgeColumn, modify } from './judge-column.js';
import { NEEDED_TABLES, type NeededColumn, type NeededTable } from './needed-tables.js';
import { error, type SchemaFinding, warning } from './schema-finding.js';

/** A unique index that this service relies on. */
export interface UniqueIndex {
  readonly table: string;
  readonly columns: readonly string[];
  readonly index: string;
  readonly madeBy: string;
}

/** The facts about a database. */
export interface SchemaCase {
  readonly found: FoundSchema;
  /** Names of the migrations that have not run. */
  readonly pending: ReadonlySet<string>;
  readonly uniqueIndexes: readonly UniqueIndex[];
}

/** Longest key in bytes: of one column in an older row format, and of a whole index on pages of 16 KiB. */
const OLD_FORMAT = 767;
const WHOLE_INDEX = 3_072;

const OLD_FORMATS = new Set(['compact', 'redundant']);

/** Kinds of usable tables. MariaDB has system-versioned tables besides ordinary ones. */
const TABLE_KINDS = new Set(['BASE TABLE', 'SYSTEM VERSIONED']);

/** Bytes per character in a table that this service creates. */
const UTF8MB4 = 4;

/** Indexes of tables that this service creates and that are too long for some row formats. */
const LONG_INDEXES: readonly { readonly table: string; readonly characters: readonly number[] }[] = [
  { table: 'nonces', characters: [255] },
  { table: 'tokens', characters: [255, 255, 255] },
];

/** All problems of the tables of a database: errors that prevent this service from working, and warnings. */
export function judgeSchema(known: SchemaCase): SchemaFinding[] {
  if (isOfLaterServer(known.found)) {
    const message =
      'the tables are those of a flexisip-account-manager from 1.4 on, whose accounts have created_at in place of creation_time';
    return [error(message, 'Name an empty database, or one of 2021, in DB_DATABASE: this one is not changed.')];
  }
  const tables = Object.entries(NEEDED_TABLES).flatMap(([name, needed]) => judgeTable(name, needed, known));
  return [...tables, ...judgeNewTables(known), ...judgeReferences(known)];
}

/** Its columns have other meanings, so adding the missing ones would not help. */
function isOfLaterServer({ tables }: FoundSchema): boolean {
  const columns = tables.get('accounts')?.columns;
  return columns !== undefined && columns.has('created_at') && !columns.has('creation_time');
}

function judgeTable(name: string, needed: NeededTable, known: SchemaCase): SchemaFinding[] {
  const table = known.found.tables.get(name);
  if (!table) {
    if (known.pending.has(needed.madeBy)) return [];
    return [error(`the table ${name} is missing`, adviceOnMissing(needed))];
  }
  if (!TABLE_KINDS.has(table.kind)) {
    return [
      error(
        `${name} is a ${table.kind.toLowerCase()}, and must be a table`,
        'See DB_DATABASE: is it the database of Flexisip?',
      ),
    ];
  }
  return [
    ...judgeStorage(table),
    ...judgeColumns(table, needed, known),
    ...judgeUniqueIndexes(table, known),
    ...judgeForeignUniqueIndexes(table, needed, known),
  ];
}

function adviceOnMissing({ madeBy, isDisposable }: NeededTable): string {
  return isDisposable
    ? `DELETE FROM ${MIGRATIONS_TABLE} WHERE name = '${madeBy}', and run migrate, which makes it again.`
    : 'Restore it from a backup: the migration that makes it has run already.';
}

/** Unique indexes of other origin that reject rows which this service writes. */
function judgeForeignUniqueIndexes(
  table: FoundTable,
  { keys }: NeededTable,
  { uniqueIndexes }: SchemaCase,
): SchemaFinding[] {
  const isOurs = (name: string) => uniqueIndexes.some(({ index }) => index === name.toLowerCase());
  const isHarmless = ({ columns, isOfPrefixes }: FoundTable['indexes'][number]) =>
    !isOfPrefixes && keys.some((key) => key.every((column) => columns.includes(column)));
  return table.indexes
    .filter((index) => index.isUnique && !isOurs(index.name) && !isHarmless(index))
    .map(({ name, columns }) => {
      const message = `the unique index ${name} of ${table.name} over (${columns.join(', ')}) refuses rows that this service writes`;
      return error(message, `ALTER TABLE ${table.name} DROP INDEX \`${name}\``);
    });
}

function judgeStorage({ name, engine, isPartitioned }: FoundTable): SchemaFinding[] {
  const findings: SchemaFinding[] = [];
  if (engine !== 'InnoDB') {
    findings.push(error(`${name} is kept by ${engine}, without transactions`, `ALTER TABLE ${name} ENGINE=InnoDB`));
  }
  if (isPartitioned) {
    const reason = 'is partitioned, and can have neither the unique indexes nor the foreign keys that are needed';
    findings.push(error(`${name} ${reason}`, `ALTER TABLE ${name} REMOVE PARTITIONING`));
  }
  return findings;
}

function judgeColumns(table: FoundTable, needed: NeededTable, { pending }: SchemaCase): SchemaFinding[] {
  const findings: SchemaFinding[] = [];
  for (const [name, need] of Object.entries(needed.columns)) {
    const column = table.columns.get(name);
    const isToCome = need.madeBy !== undefined && pending.has(need.madeBy);
    if (column) {
      // The migration that adds `nc_window` also widens `nc`.
      const isToChange = isToCome && name === 'nc' && !table.columns.has('nc_window');
      findings.push(...judgeColumn(table, column, isToChange ? { ...need, holds: 'reference' } : need));
    } else if (!isToCome) {
      findings.push(
        error(
          `${table.name} has no column ${name}`,
          `ALTER TABLE ${table.name} ADD COLUMN \`${name}\` ${definitionFor(need)}`,
        ),
      );
    }
  }
  const unknown = [...table.columns.values()].filter(
    ({ name }) => needed.columns[name]?.isWritten !== undefined || !needed.columns[name],
  );
  return [...findings, ...unknown.filter(demandsValue).map((column) => demanding(table, column))];
}

/** The definition of a column that is added to a table with existing rows. */
function definitionFor({ holds, definition, isNullable }: NeededColumn): string {
  if (isNullable || /NULL DEFAULT|datetime NULL/.test(definition)) return definition;
  if (holds === 'text') return `${definition} DEFAULT ''`;
  return holds === 'moment' ? `${definition} DEFAULT '1970-01-01 00:00:00'` : definition;
}

/** Whether an INSERT needs a value for the column. */
function demandsValue({ isNullable, hasDefault, extra }: FoundColumn): boolean {
  return !isNullable && !hasDefault && !/auto_increment|generated/.test(extra);
}

function demanding({ name: table }: FoundTable, { name, type }: FoundColumn): SchemaFinding {
  const message = `${table}.${name} must have a value in each row, and this service knows none`;
  return error(message, `ALTER TABLE ${table} MODIFY \`${name}\` ${type} NULL`);
}

function judgeUniqueIndexes(table: FoundTable, { found, pending, uniqueIndexes }: SchemaCase): SchemaFinding[] {
  return uniqueIndexes
    .filter((wanted) => wanted.table === table.name)
    .flatMap(({ index, columns, madeBy }) => {
      const list = columns.join(', ');
      const isRight = ({ isUnique, isOfPrefixes, columns: own }: FoundTable['indexes'][number]) =>
        isUnique && !isOfPrefixes && own.length === columns.length && columns.every((column) => own.includes(column));
      const named = table.indexes.find(({ name }) => name.toLowerCase() === index);
      const create = `CREATE UNIQUE INDEX ${index} ON ${table.name} (${list})`;
      if (named) {
        if (isRight(named)) return [];
        const advice = pending.has(madeBy)
          ? `DROP INDEX ${index} ON ${table.name}`
          : `DROP INDEX ${index} ON ${table.name}; ${create}`;
        return [error(`the index ${index} of ${table.name} is not the unique one over (${list})`, advice)];
      }
      if (pending.has(madeBy)) return judgeKeyLength(table, columns, found);
      return table.indexes.some(isRight) ? [] : [error(`${table.name} has no unique index over (${list})`, create)];
    });
}

/** Problems of an index over the columns: InnoDB limits the length of keys. */
function judgeKeyLength(table: FoundTable, names: readonly string[], found: FoundSchema): SchemaFinding[] {
  const columns = names.map((name) => table.columns.get(name)).filter((column) => column !== undefined);
  const endless = columns.find(({ dataType }) => /text|blob/.test(dataType));
  if (endless) {
    const definition = NEEDED_TABLES[table.name]?.columns[endless.name]?.definition ?? '';
    return [
      error(
        `${table.name}.${endless.name} is ${endless.type}, and can be in no unique index`,
        modify(table, endless, definition),
      ),
    ];
  }
  const lengths = columns.map(({ bytes }) => bytes || 8);
  const tooLong = keyLimit(lengths, table.rowFormat, found);
  if (tooLong === null) return [];
  const message = `${table.name} has no room for the unique index over (${names.join(', ')}): ${tooLong}`;
  const shorter = columns.map(({ name }) => name).join(' and ');
  return [
    error(
      message,
      OLD_FORMATS.has(table.rowFormat)
        ? `ALTER TABLE ${table.name} ROW_FORMAT=DYNAMIC`
        : `Make ${shorter} shorter, or of a character set with fewer bytes for a character.`,
    ),
  ];
}

/** Why InnoDB cannot create an index over columns of these lengths in bytes; null if it can. */
function keyLimit(
  lengths: readonly number[],
  rowFormat: string,
  { pageSize, hasLargePrefix }: FoundSchema,
): string | null {
  const longest = Math.max(...lengths);
  if ((OLD_FORMATS.has(rowFormat) || !hasLargePrefix) && longest > OLD_FORMAT) {
    const reason = hasLargePrefix ? `the row format ${rowFormat.toUpperCase()}` : 'innodb_large_prefix=OFF';
    return `a column of ${longest} bytes, and ${reason} takes ${OLD_FORMAT} at most`;
  }
  const most = pageSize >= 16_384 ? WHOLE_INDEX : Math.floor((WHOLE_INDEX * pageSize) / 16_384);
  const sum = lengths.reduce((one, other) => one + other, 0);
  return sum > most ? `${sum} bytes, and ${most} are the most with pages of ${pageSize}` : null;
}

/**
 * Problems of tables that pending migrations will create: they refer to `accounts`, and use the row format of the
 * server.
 */
function judgeNewTables({ found, pending }: SchemaCase): SchemaFinding[] {
  const missing = Object.entries(NEEDED_TABLES).filter(
    ([name, { madeBy }]) => pending.has(madeBy) && !found.tables.has(name),
  );
  const findings: SchemaFinding[] = [];
  const id = found.tables.get('accounts')?.columns.get('id');
  const tied = missing.filter(([, { columns }]) => columns.account_id).map(([name]) => name);
  if (id && tied.length > 0 && !/^int(\(\d+\))? unsigned$/.test(id.type)) {
    const message = `accounts.id is ${id.type}: ${tied.join(', ')} cannot refer to it; where foreign keys do, each account_id must change along`;
    findings.push(error(message, 'ALTER TABLE accounts MODIFY id int unsigned NOT NULL AUTO_INCREMENT'));
  }
  for (const { table, characters } of LONG_INDEXES) {
    if (!missing.some(([name]) => name === table)) continue;
    const tooLong = keyLimit(
      characters.map((length) => length * UTF8MB4),
      found.defaultRowFormat,
      found,
    );
    if (tooLong !== null)
      findings.push(error(`there is no room for the indexes of ${table}: ${tooLong}`, adviceForServer(found)));
  }
  return findings;
}

function adviceForServer({ hasLargePrefix, defaultRowFormat }: FoundSchema): string {
  if (!hasLargePrefix) return 'SET GLOBAL innodb_large_prefix=ON';
  return OLD_FORMATS.has(defaultRowFormat)
    ? 'SET GLOBAL innodb_default_row_format=DYNAMIC'
    : 'Use a server with innodb_page_size=16384, the default.';
}

/** Tables of other software whose rows prevent the deletion of an account. */
function judgeReferences({ found }: SchemaCase): SchemaFinding[] {
  return found.references
    .filter(({ table, deleteRule }) => !NEEDED_TABLES[table] && !['CASCADE', 'SET NULL'].includes(deleteRule))
    .map(({ table }) =>
      warning(
        `accounts that ${table} refers to cannot be deleted`,
        'Give its foreign key ON DELETE CASCADE, if its rows shall go with them.',
      ),
    );
}
