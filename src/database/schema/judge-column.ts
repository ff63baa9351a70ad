import type { FoundColumn, FoundTable } from './found-tables.js';
import type { NeededColumn } from './needed-tables.js';
import { error, type SchemaFinding } from './schema-finding.js';

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
const FLAGS = new Set([...INTEGERS, 'bit', 'decimal', 'char', 'varchar']);
const TEXTS = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);

/** Characters of `YYYY-MM-DD HH:MM:SS`. */
const MOMENT = 19;

/** Problems of a column for this service. */
export function judgeColumn(table: FoundTable, column: FoundColumn, need: NeededColumn): SchemaFinding[] {
  const name = `${table.name}.${column.name}`;
  const wrong = mismatch(column, need);
  if (wrong !== null)
    return [error(`${name} is ${column.type}${wrong}`, modify(table, column, remedyFor(column, need)))];
  const findings: SchemaFinding[] = [];
  if (need.holds === 'id') findings.push(...judgeId(table, column));
  if (need.isNullable && !column.isNullable) {
    findings.push(error(`${name} takes no NULL`, modify(table, column, `${column.type} NULL`)));
  }
  if (/generated|virtual|persistent/.test(column.extra) && !/default_generated/.test(column.extra)) {
    // MODIFY cannot turn a generated column into an ordinary one.
    const remedy = `ALTER TABLE ${table.name} DROP COLUMN \`${column.name}\`, ADD COLUMN \`${column.name}\` ${need.definition}`;
    findings.push(error(`${name} is computed by the database, and cannot be written`, remedy));
  }
  if (need.holds === 'moment' && column.name !== 'updated_at' && column.extra.includes('on update')) {
    findings.push(
      error(`${name} becomes another moment with every change of its row`, modify(table, column, need.definition)),
    );
  }
  return findings;
}

/** What is wrong with the type of a column; null if it is suitable. */
function mismatch({ dataType, type, characters }: FoundColumn, need: NeededColumn): string | null {
  const isUnsigned = type.includes('unsigned');
  switch (need.holds) {
    case 'id':
    case 'reference':
      return INTEGERS.has(dataType) ? null : ', and must be a whole number';
    case 'flag':
      return FLAGS.has(dataType) ? null : ', and cannot be compared with 1 and 0';
    case 'bits': {
      const isWide = isUnsigned
        ? dataType === 'bigint' || (dataType === 'int' && need.bits === 32)
        : dataType === 'bigint' && need.bits === 32;
      return isWide ? null : `, and must hold ${need.bits} bits without sign`;
    }
    case 'moment':
      if (dataType === 'datetime' || dataType === 'timestamp') return null;
      return ['char', 'varchar'].includes(dataType) && characters >= MOMENT
        ? null
        : ', and must hold a moment, to the second';
    case 'text':
      if (!TEXTS.has(dataType)) return ', and must be a text';
      return characters >= need.characters ? null : `, and must hold ${need.characters} characters`;
  }
}

/** A definition that corrects the type of a column. */
function remedyFor({ dataType }: FoundColumn, { holds, definition }: NeededColumn): string {
  // An ENUM value converts to a number as its position in the list: '0' would become 1.
  return holds === 'flag' && dataType === 'enum' ? "varchar(1) NOT NULL DEFAULT '0'" : definition;
}

function judgeId(table: FoundTable, column: FoundColumn): SchemaFinding[] {
  const isKey = table.indexes.some(
    ({ isUnique, columns }) => isUnique && columns.length === 1 && columns[0] === column.name,
  );
  const drawsItself = column.extra.includes('auto_increment');
  if (isKey && drawsItself) return [];
  const isKeyed = table.indexes.some(({ name }) => name === 'PRIMARY');
  const key = isKey ? '' : `${isKeyed ? 'DROP PRIMARY KEY, ' : ''}ADD PRIMARY KEY (\`id\`), `;
  const what = [...(isKey ? [] : ['is no key']), ...(drawsItself ? [] : ['does not draw its numbers itself'])].join(
    ' and ',
  );
  return [
    error(
      `${table.name}.${column.name} ${what}`,
      `ALTER TABLE ${table.name} ${key}MODIFY \`id\` ${column.type} NOT NULL AUTO_INCREMENT`,
    ),
  ];
}

/** The statement that gives a column a new definition and keeps its character set and collation. */
export function modify(
  { name: table }: FoundTable,
  { name, charset, collation }: FoundColumn,
  definition: string,
): string {
  const words = charset === null ? '' : ` CHARACTER SET ${charset} COLLATE ${collation}`;
  return `ALTER TABLE ${table} MODIFY \`${name}\` ${definition.replace(/^((?:var)?char\(\d+\)|\w*text)/, `$1${words}`)}`;
}
