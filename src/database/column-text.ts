import type { EntityManager } from 'typeorm';
import { dialectOf } from './dialect.js';

/*
 * Errors of MySQL and MariaDB for a text with characters that the character set of a column lacks. The tables of old
 * installations are latin1 or utf8mb3. They were tried on MySQL 9.7 and MariaDB 10.11, as a parameter and within the
 * text of a statement. The numbers are in the error references of both products. SQLite stores and compares every text.
 */
const UNREPRESENTABLE = new Set([
  1267, // ER_CANT_AGGREGATE_2COLLATIONS: MariaDB, in a comparison with a column
  1270, // ER_CANT_AGGREGATE_3COLLATIONS: the same, in an expression of three
  1271, // ER_CANT_AGGREGATE_NCOLLATIONS: the same, of more
  1366, // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: written to a column
  3854, // ER_CANNOT_CONVERT_STRING: MySQL, compared within the text of a statement
  3988, // ER_IMPOSSIBLE_STRING_CONVERSION: MySQL, compared or written as a parameter
]);

const TOO_LONG = 1406; // ER_DATA_TOO_LONG

/**
 * Whether a statement failed because a column cannot hold the characters of a text. In that case no row has the text.
 */
function isUnrepresentable(error: unknown): boolean {
  return UNREPRESENTABLE.has(errnoOf(error)) && !isMixOfColumns(error);
}

/**
 * Whether a statement failed because it compares columns of different collations. Such an error says nothing about a
 * text. The server lists the operands: a column is IMPLICIT, an expression over columns of several collations is NONE,
 * and a text is COERCIBLE.
 */
function isMixOfColumns(error: unknown): boolean {
  const operands = [...(error as Error).message.matchAll(/\((\w+),(IMPLICIT|NONE)\)/g)];
  return operands.some(([, , kind]) => kind === 'NONE') || new Set(operands.map(([, collation]) => collation)).size > 1;
}

/**
 * Handles an error of a look-up. A text that the column cannot hold is in no row, so the result is empty.
 *
 * @throws the error if it has another cause.
 */
export function noneIfUnrepresentable(error: unknown): [] {
  if (isUnrepresentable(error)) return [];
  throw error;
}

/**
 * Whether the database rejected a row because a column cannot hold a text unchanged: its characters are not in the
 * character set, or it is too long.
 */
export function isUnstorable(error: unknown): boolean {
  return isUnrepresentable(error) || errnoOf(error) === TOO_LONG;
}

/** The first characters of a text. A character is one code point, as in a column, so no code point is cut in two. */
export function firstCharacters(text: string, most: number): string {
  return text.length <= most ? text : [...text].slice(0, most).join('');
}

interface ColumnRow {
  name: string;
  charset: string;
  length: number | string;
}

/**
 * Fits texts to the columns of a table. A question mark replaces each character that is not in the character set of the
 * column. Characters beyond the length of the column are cut off.
 *
 * The function queries the server on each call and does not cache the answer: it runs only after an error, and
 * operators may convert tables meanwhile.
 *
 * @param texts by the names of their columns.
 * @returns the same names; a text that fits is unchanged.
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
    // A character set cannot be a parameter. This one is a name that the server itself returned.
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
