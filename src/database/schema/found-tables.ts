import type { QueryRunner } from 'typeorm';

/** A column of the database. Names and types are in lower case. */
export interface FoundColumn {
  readonly name: string;
  /** The type without its length: `varchar`. */
  readonly dataType: string;
  /** The complete type: `int(10) unsigned`. */
  readonly type: string;
  /** Length of a text column in characters; 0 for other types. */
  readonly characters: number;
  /** Longest text in bytes, in the character set of the column; 0 for other types. */
  readonly bytes: number;
  readonly isNullable: boolean;
  readonly hasDefault: boolean;
  readonly charset: string | null;
  readonly collation: string | null;
  /** `auto_increment`, `on update current_timestamp()`, `stored generated` and the like. */
  readonly extra: string;
}

export interface FoundIndex {
  readonly name: string;
  readonly isUnique: boolean;
  readonly columns: readonly string[];
  /** Whether it indexes only a prefix of some column. */
  readonly isOfPrefixes: boolean;
}

/** A table or view of the database. */
export interface FoundTable {
  readonly name: string;
  /** `BASE TABLE`, `VIEW`, … */
  readonly kind: string;
  readonly engine: string | null;
  /** In lower case: `compact`. */
  readonly rowFormat: string;
  readonly isPartitioned: boolean;
  /** The character set of a column that names none. */
  readonly charset: string;
  readonly columns: ReadonlyMap<string, FoundColumn>;
  readonly indexes: readonly FoundIndex[];
}

/** A foreign key that refers to `accounts`. */
export interface FoundReference {
  readonly table: string;
  /** What happens to its rows on DELETE: `CASCADE`, `RESTRICT`, … */
  readonly deleteRule: string;
}

/** The schema of a MySQL database, as far as this service depends on it. */
export interface FoundSchema {
  readonly tables: ReadonlyMap<string, FoundTable>;
  readonly references: readonly FoundReference[];
  /** Size of an InnoDB page in bytes. It limits the length of a key. */
  readonly pageSize: number;
  /** The row format of a table that is created without naming one, in lower case. */
  readonly defaultRowFormat: string;
  /** Whether DYNAMIC and COMPRESSED tables can index long columns. MySQL 8, MariaDB 10.3 and later always can. */
  readonly hasLargePrefix: boolean;
}

interface ColumnRow {
  tableName: string;
  columnName: string;
  dataType: string;
  columnType: string;
  characters: number | string | null;
  bytes: number | string | null;
  nullable: string;
  standard: string | null;
  charset: string | null;
  collation: string | null;
  extra: string;
}

interface TableRow {
  name: string;
  kind: string;
  engine: string | null;
  rowFormat: string | null;
  options: string | null;
  collation: string | null;
}

const TABLES = `
  SELECT table_name AS name, table_type AS kind, engine AS engine, row_format AS rowFormat, create_options AS options, table_collation AS collation
    FROM information_schema.tables WHERE table_schema = DATABASE()`;

const COLUMNS = `
  SELECT table_name AS tableName, column_name AS columnName, data_type AS dataType, column_type AS columnType,
         character_maximum_length AS characters, character_octet_length AS bytes, is_nullable AS nullable,
         column_default AS standard, character_set_name AS charset, collation_name AS collation, extra AS extra
    FROM information_schema.columns WHERE table_schema = DATABASE()`;

const INDEXES = `
  SELECT table_name AS tableName, index_name AS name, non_unique AS nonUnique, column_name AS columnName, sub_part AS part
    FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index`;

const REFERENCES = `
  SELECT table_name AS tableName, delete_rule AS deleteRule
    FROM information_schema.referential_constraints
   WHERE constraint_schema = DATABASE() AND referenced_table_name = 'accounts'`;

const VARIABLES = `SHOW VARIABLES WHERE Variable_name IN ('innodb_page_size', 'innodb_default_row_format', 'innodb_large_prefix')`;

/** Reads the tables of a MySQL database. Changes nothing. */
export async function findSchema(queryRunner: QueryRunner): Promise<FoundSchema> {
  const columns = await columnsByTable(queryRunner);
  const indexes = await indexesByTable(queryRunner);
  const [{ version }]: [{ version: string }] = await queryRunner.query('SELECT VERSION() AS version');
  // TiDB reports all tables as compact, but allows long keys.
  const hasFormats = !/tidb/i.test(version);
  const rows: TableRow[] = await queryRunner.query(TABLES);
  const tables = rows.map(({ name, kind, engine, rowFormat, options, collation }): [string, FoundTable] => [
    name,
    {
      name,
      kind: kind.toUpperCase(),
      engine,
      rowFormat: hasFormats ? (rowFormat ?? '').toLowerCase() : 'dynamic',
      isPartitioned: /\bpartitioned\b/i.test(options ?? ''),
      charset: (collation ?? '').split('_', 1)[0] ?? '',
      columns: columns.get(name) ?? new Map(),
      indexes: indexes.get(name) ?? [],
    },
  ]);
  const references: { tableName: string; deleteRule: string }[] = await queryRunner.query(REFERENCES);
  const variables: { Variable_name: string; Value: string }[] = await queryRunner.query(VARIABLES);
  const values = new Map(
    variables.map(({ Variable_name, Value }) => [Variable_name.toLowerCase(), Value.toLowerCase()]),
  );
  return {
    tables: new Map(tables),
    references: references.map(({ tableName, deleteRule }) => ({
      table: tableName,
      deleteRule: deleteRule.toUpperCase(),
    })),
    pageSize: Number(values.get('innodb_page_size') ?? 16_384),
    defaultRowFormat: values.get('innodb_default_row_format') ?? 'dynamic',
    hasLargePrefix: !['off', '0'].includes(values.get('innodb_large_prefix') ?? 'on'),
  };
}

async function columnsByTable(queryRunner: QueryRunner): Promise<Map<string, Map<string, FoundColumn>>> {
  const rows: ColumnRow[] = await queryRunner.query(COLUMNS);
  const tables = new Map<string, Map<string, FoundColumn>>();
  for (const row of rows) {
    const name = row.columnName.toLowerCase();
    const columns = tables.get(row.tableName) ?? new Map<string, FoundColumn>();
    tables.set(row.tableName, columns);
    columns.set(name, {
      name,
      dataType: row.dataType.toLowerCase(),
      type: String(row.columnType).toLowerCase(),
      characters: Number(row.characters ?? 0),
      bytes: Number(row.bytes ?? 0),
      isNullable: row.nullable === 'YES',
      hasDefault: row.standard !== null,
      charset: row.charset,
      collation: row.collation,
      extra: row.extra.toLowerCase(),
    });
  }
  return tables;
}

async function indexesByTable(queryRunner: QueryRunner): Promise<Map<string, FoundIndex[]>> {
  const rows: {
    tableName: string;
    name: string;
    nonUnique: number | string;
    columnName: string | null;
    part: number | null;
  }[] = await queryRunner.query(INDEXES);
  const tables = new Map<string, FoundIndex[]>();
  for (const { tableName, name, nonUnique, columnName, part } of rows) {
    const indexes = tables.get(tableName) ?? [];
    tables.set(tableName, indexes);
    const earlier = indexes.at(-1)?.name === name ? indexes.pop() : undefined;
    indexes.push({
      name,
      isUnique: Number(nonUnique) === 0,
      // An index part that is an expression has no column.
      columns: [...(earlier?.columns ?? []), (columnName ?? '').toLowerCase()],
      isOfPrefixes: (earlier?.isOfPrefixes ?? false) || part !== null,
    });
  }
  return tables;
}
