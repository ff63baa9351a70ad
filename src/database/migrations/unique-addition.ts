import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { dropIndex, hasIndex, hasOtherIndexOn } from '../schema-inspection.js';

const MOST_LISTED = 50;

interface Twins {
  ids: string;
  /** Null where none of them belongs to an account. */
  names: string | null;
}

/** The rows that prevent an addition; the migration has changed nothing. */
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
 * A migration that makes columns unique, on a table that may be full. It adds an index and touches no row.
 * The 2021 schema left room for twins; where there are any, they are listed for the operator to decide.
 */
export abstract class UniqueAddition implements MigrationInterface {
  abstract readonly name: string;
  protected abstract readonly table: string;
  protected abstract readonly columns: readonly string[];
  protected abstract readonly index: string;
  /** SQL that names the rows for a person, an aggregate over `t` and, where joined, `a`. */
  protected abstract readonly names: string;
  /** SQL that joins what `names` needs. */
  protected readonly join: string = '';

  /** The index that this migration adds. */
  get addition(): { readonly table: string; readonly columns: readonly string[]; readonly index: string } {
    const { table, columns, index } = this;
    return { table, columns, index };
  }

  /** The rows in the way, empty where the addition can be made or has been made. */
  async obstacles(queryRunner: QueryRunner): Promise<string[]> {
    if (!(await queryRunner.hasTable(this.table)) || (await hasIndex(queryRunner, this.table, this.index))) return [];
    const key = this.columns.map((column) => `t.${column}`).join(', ');
    const twins: Twins[] = await queryRunner.query(
      `SELECT GROUP_CONCAT(t.id) AS ids, ${this.names} AS names FROM ${this.table} t ${this.join && `LEFT ${this.join}`} GROUP BY ${key} HAVING COUNT(*) > 1`,
    );
    const rows = twins.slice(0, MOST_LISTED).map(({ ids, names }) => `${this.table}: ids ${ids}: ${names ?? 'of no account'}`);
    return twins.length > MOST_LISTED ? [...rows, `${this.table}: and ${twins.length - MOST_LISTED} more`] : rows;
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
