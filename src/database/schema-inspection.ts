import type { QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/** An index of `aliases` that exists only where this service created the tables. */
export const OWN_INDEX = 'aliases_account_id_index';

/**
 * Whether the table currently has the index. Migrations check before they act, because MySQL cannot roll back half a
 * migration.
 */
export async function hasIndex(queryRunner: QueryRunner, table: string, index: string): Promise<boolean> {
  const found: unknown[] =
    dialectOf(queryRunner.dataSource) === 'sqlite'
      ? await queryRunner.query("SELECT 1 FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND name = ?", [
          table,
          index,
        ])
      : await queryRunner.query(
          'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ? LIMIT 1',
          [table, index],
        );
  return found.length > 0;
}

/**
 * Whether another index than the given one starts with the column. InnoDB does not drop the last index that a foreign
 * key needs.
 */
export async function hasOtherIndexOn(
  queryRunner: QueryRunner,
  table: string,
  column: string,
  index: string,
): Promise<boolean> {
  const found: unknown[] = await queryRunner.query(
    'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ? AND seq_in_index = 1 AND index_name <> ? LIMIT 1',
    [table, column, index],
  );
  return found.length > 0;
}

export async function dropIndex(queryRunner: QueryRunner, table: string, index: string): Promise<void> {
  const on = dialectOf(queryRunner.dataSource) === 'sqlite' ? '' : ` ON ${table}`;
  await queryRunner.query(`DROP INDEX ${index}${on}`);
}

/** The number of characters that a MySQL column holds; 0 for a column without text. */
export async function widthOf(queryRunner: QueryRunner, table: string, column: string): Promise<number> {
  const [found]: { width: number | string | null }[] = await queryRunner.query(
    `SELECT character_maximum_length AS width FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?`,
    [table, column],
  );
  return Number(found?.width ?? 0);
}

/** Whether the MySQL column refers to another table. */
export async function isForeignKey(queryRunner: QueryRunner, table: string, column: string): Promise<boolean> {
  const found: unknown[] = await queryRunner.query(
    `SELECT 1 FROM information_schema.key_column_usage
      WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ? AND referenced_table_name IS NOT NULL LIMIT 1`,
    [table, column],
  );
  return found.length > 0;
}
