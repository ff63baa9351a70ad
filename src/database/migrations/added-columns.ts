import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Dialect, dialectOf } from '../dialect.js';

/** The definition of a column that a migration adds, in each dialect. An existing row must be able to do without it. */
export type AddedColumn = Readonly<Record<Dialect, string>>;

/** Text in any language, whatever the character set of the table. */
export const anyText = (characters: number): AddedColumn => ({
  mysql: `varchar(${characters}) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL`,
  sqlite: `varchar(${characters}) NULL`,
});
export const anyLongText: AddedColumn = {
  mysql: 'text CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL',
  sqlite: 'text NULL',
};
export const shortText = (characters: number): AddedColumn => ({
  mysql: `varchar(${characters}) NULL`,
  sqlite: `varchar(${characters}) NULL`,
});
export const moment: AddedColumn = { mysql: 'datetime NULL', sqlite: 'datetime NULL' };
export const flag: AddedColumn = {
  mysql: 'tinyint(1) NOT NULL DEFAULT 0',
  sqlite: 'tinyint(1) NOT NULL DEFAULT 0',
};
export const number: AddedColumn = {
  mysql: 'int unsigned NOT NULL DEFAULT 0',
  sqlite: 'integer NOT NULL DEFAULT 0',
};
export const reference: AddedColumn = { mysql: 'int unsigned NULL', sqlite: 'integer NULL' };

/**
 * Adds columns to a table that a server of 2021 may write too, so each is nullable or has a default. Columns that exist
 * already are left as they are.
 */
export abstract class AddedColumns implements MigrationInterface {
  abstract readonly name: string;
  protected abstract readonly table: string;
  protected abstract readonly columns: Readonly<Record<string, AddedColumn>>;

  async up(queryRunner: QueryRunner): Promise<void> {
    const dialect = dialectOf(queryRunner.dataSource);
    const missing: string[] = [];
    for (const [name, column] of Object.entries(this.columns)) {
      if (!(await queryRunner.hasColumn(this.table, name))) missing.push(`ADD COLUMN ${name} ${column[dialect]}`);
    }
    await this.alter(queryRunner, dialect, missing);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const existing: string[] = [];
    for (const name of Object.keys(this.columns)) {
      if (await queryRunner.hasColumn(this.table, name)) existing.push(`DROP COLUMN ${name}`);
    }
    await this.alter(queryRunner, dialectOf(queryRunner.dataSource), existing);
  }

  /** MySQL changes the table once for all columns. SQLite takes one change at a time. */
  private async alter(queryRunner: QueryRunner, dialect: Dialect, changes: readonly string[]): Promise<void> {
    if (changes.length === 0) return;
    for (const change of dialect === 'mysql' ? [changes.join(', ')] : changes) {
      await queryRunner.query(`ALTER TABLE ${this.table} ${change}`);
    }
  }
}
