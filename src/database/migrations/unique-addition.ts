import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { dropIndex, hasIndex, hasOtherIndexOn } from '../schema-inspection.js';

const MOST_LISTED = 50;

interface DuplicateRows {
  ids: string;
  /** Null if none of the rows belongs to an account. */
  names: string | null;
}

/** Duplicate rows prevent a unique index. The migration has changed nothing. */
export class RowsInTheWay extends Error {
  constructor(readonly rows: readonly string[]) {
    super(
      `The database holds rows that must be unique and are not. Nothing was changed.\n` +
        `${rows.map((row) => `  - ${row}`).join('\n')}\n` +
        `Keep one row of each, remove or rename the others (Flexisip refuses such names anyway), and start again.`,
    );
  }
}

/**
 * A migration that adds a unique index to a table that may hold rows. It changes no row. The 2021 schema allowed
 * duplicate rows. If there are any, they are listed, and the operator decides.
 */
export abstract class UniqueAddition implements MigrationInterface {
  abstract readonly name: string;
  protected abstract readonly table: string;
  protected abstract readonly columns: readonly string[];
  protected abstract readonly index: string;
  /** SQL for readable names of the rows: an aggregate over `t` and, if joined, `a`. */
  protected abstract readonly names: string;
  /** SQL of the JOIN that `names` needs. */
  protected readonly join: string = '';

  /** The index that this migration adds. */
  get addition(): { readonly table: string; readonly columns: readonly string[]; readonly index: string } {
    const { table, columns, index } = this;
    return { table, columns, index };
  }

  /** The duplicate rows; empty if the index can be added or exists. */
  async obstacles(queryRunner: QueryRunner): Promise<string[]> {
    if (!(await queryRunner.hasTable(this.table)) || (await hasIndex(queryRunner, this.table, this.index))) return [];
    const key = this.columns.map((column) => `t.${column}`).join(', ');
    const duplicates: DuplicateRows[] = await queryRunner.query(
      `SELECT GROUP_CONCAT(t.id) AS ids, ${this.names} AS names FROM ${this.table} t ${this.join && `LEFT ${this.join}`} GROUP BY ${key} HAVING COUNT(*) > 1`,
    );
    const rows = duplicates.slice(0, MOST_LISTED).map(({ ids, names }) => `${this.table}: ids ${ids}: ${names ?? 'of no account'}`);
    return duplicates.length > MOST_LISTED ? [...rows, `${this.table}: and ${duplicates.length - MOST_LISTED} more`] : rows;
  }

  async up(queryRunner: QueryRunner): Promise<void> {
    const rows = await this.obstacles(queryRunner);
    if (rows.length > 0) throw new RowsInTheWay(rows);
    if (await hasIndex(queryRunner, this.table, this.index)) return;
    await queryRunner.query(`CREATE UNIQUE INDEX ${this.index} ON ${this.table} (${this.columns.join(', ')})`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (!(await hasIndex(queryRunner, this.table, this.index))) return;
    const [first = ''] = this.columns;
    if (dialectOf(queryRunner.dataSource) === 'mysql' && !(await hasOtherIndexOn(queryRunner, this.table, first, this.index))) {
      await queryRunner.query(`CREATE INDEX ${this.table}_${first}_index ON ${this.table} (${first})`);
    }
    await dropIndex(queryRunner, this.table, this.index);
  }
}
