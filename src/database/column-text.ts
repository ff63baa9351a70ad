import type { EntityManager } from 'typeorm';
import { dialectOf } from './dialect.js';

/*
 * What MySQL and MariaDB say of a text with characters that the character set of a column does not have; the tables of old
 * installations are latin1 or utf8mb3. Tried out on MySQL 9.7 and MariaDB 10.11, as a parameter and within the text of a statement;
 * the numbers are in the error references of both products. SQLite stores and compares every text.
 */
const UNREPRESENTABLE = new Set([
  1267, // ER_CANT_AGGREGATE_2COLLATIONS: MariaDB, compared with a column
  1270, // ER_CANT_AGGREGATE_3COLLATIONS: the same, in an expression of three
  1271, // ER_CANT_AGGREGATE_NCOLLATIONS: the same, of more
  1366, // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: written to a column
  3854, // ER_CANNOT_CONVERT_STRING: MySQL, compared within the text of a statement
  3988, // ER_IMPOSSIBLE_STRING_CONVERSION: MySQL, compared or written as a parameter
]);

const TOO_LONG = 1406; // ER_DATA_TOO_LONG

/** Whether a statement failed since a column cannot have the characters of a text. No row has that text, then. */
function isUnrepresentable(error: unknown): boolean {
  return UNREPRESENTABLE.has(errnoOf(error)) && !isMixOfColumns(error);
}

/**
 * Whether a statement compares columns of different collations, which says nothing of a text. The server lists what it cannot compare: columns
 * as IMPLICIT, what was put together from columns of several collations as NONE, and a text as COERCIBLE.
 */
function isMixOfColumns(error: unknown): boolean {
  const operands = [...(error as Error).message.matchAll(/\((\w+),(IMPLICIT|NONE)\)/g)];
  return operands.some(([, , kind]) => kind === 'NONE') || new Set(operands.map(([, collation]) => collation)).size > 1;
}

/**
 * The rows that a look-up finds whose text cannot be in the column: none.
 *
 * @throws the error, if that is another one.
 */
export function noneIfUnrepresentable(error: unknown): [] {
  if (isUnrepresentable(error)) return [];
  throw error;
}

/** Whether a row was refused since a column cannot hold a text as it is: for its characters, or for its length. */
export function isUnstorable(error: unknown): boolean {
  return isUnrepresentable(error) || errnoOf(error) === TOO_LONG;
}

/** The first characters of a text, counted as a column counts them: one for each code point, of which none is cut in two. */
export function firstCharacters(text: string, most: number): string {
  return text.length <= most ? text : [...text].slice(0, most).join('');
}

interface ColumnRow {
  name: string;
  charset: string;
  length: number | string;
}

/**
 * What columns of a table can hold of some texts: a question mark for each character that is not in their character set, and no more
 * characters than they have room for.
 *
 * The server is asked each time and the answer is not cached. This is needed only after a refusal, and operators may convert tables
 * meanwhile.
 *
 * @param texts by the names of their columns.
 * @returns the same names; a text that fits is as it was.
 */
export async function fitToColumns<Column extends string>(
  manager: EntityManager,
  table: string,
  texts: Readonly<Record<Column, string>>,
): Promise<Record<Column, string>> {
  const fitting: Record<Column, string> = { ...texts };
  if (dialectOf(manager.dataSource) === 'sqlite') return fitting;
  const columns: ColumnRow[] = await manager.query(
    `SELECT column_name AS name, character_set_name AS charset, character_maximum_length AS length FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ? AND character_set_name IS NOT NULL`,
    [table],
  );
  for (const { name, charset, length } of columns) {
    const text: string | undefined = texts[name as Column];
    if (text === undefined) continue;
    // A character set cannot be a parameter; it is a word that the server itself has given.
    const [{ converted }]: [{ converted: string }] = await manager.query(
      `SELECT CONVERT(CONVERT(? USING ${charset}) USING utf8mb4) AS converted`,
      [text],
    );
    fitting[name as Column] = firstCharacters(converted, Number(length));
  }
  return fitting;
}

function errnoOf(error: unknown): number {
  const { driverError, errno } = error as { driverError?: { errno?: number }; errno?: number };
  return driverError?.errno ?? errno ?? 0;
}
