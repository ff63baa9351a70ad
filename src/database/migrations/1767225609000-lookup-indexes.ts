import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { dropIndex, hasIndex, hasOtherIndexOn, isForeignKey, widthOf } from '../schema-inspection.js';

/** Columns by which this service finds, locks and deletes rows for calls about an account, a token or a session. */
export const LOOKUPS: readonly (readonly [table: string, column: string])[] = [
  ['passwords', 'account_id'],
  ['aliases', 'account_id'],
  ['admins', 'account_id'],
  ['api_keys', 'account_id'],
  ['api_keys', 'key'],
  ['nonces', 'account_id'],
  ['email_changed', 'account_id'],
  ['phone_change_codes', 'account_id'],
  ['activation_expirations', 'account_id'],
  ['tokens', 'token'],
  ['tokens', 'pn_prid'],
  ['panel_sessions', 'account_id'],
  ['panel_sessions', 'hash'],
  ['panel_sessions', 'expires'],
];

/** An index prefix, in characters, that every InnoDB row format allows in any character set. */
const PREFIX = 191;

/**
 * Adds indexes that are missing on tables without foreign keys, and on tables whose creation was interrupted. Without
 * such an index a statement reads the whole table, and a DELETE locks it. A column that already starts an index gets no
 * other one.
 *
 * MySQL only: on SQLite the tables and their indexes are created in one transaction.
 */
export class LookupIndexes1767225609000 implements MigrationInterface {
  readonly name = 'LookupIndexes1767225609000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (dialectOf(queryRunner.dataSource) === 'sqlite') return;
    for (const [table, column] of LOOKUPS) {
      const index = nameOf(table, column);
      const isThere = (await hasIndex(queryRunner, table, index)) || (await hasOtherIndexOn(queryRunner, table, column, index));
      if (isThere) continue;
      const length = (await widthOf(queryRunner, table, column)) > PREFIX ? `(${PREFIX})` : '';
      await queryRunner.query(`CREATE INDEX ${index} ON ${table} (\`${column}\`${length})`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (dialectOf(queryRunner.dataSource) === 'sqlite') return;
    for (const [table, column] of LOOKUPS) {
      const index = nameOf(table, column);
      if (!(await hasIndex(queryRunner, table, index))) continue;
      // A foreign key that was added later may use this index. InnoDB does not drop the last index of a foreign key.
      if ((await isForeignKey(queryRunner, table, column)) && !(await hasOtherIndexOn(queryRunner, table, column, index))) {
        await queryRunner.query(`CREATE INDEX ${table}_${column}_index ON ${table} (\`${column}\`)`);
      }
      await dropIndex(queryRunner, table, index);
    }
  }
}

function nameOf(table: string, column: string): string {
  return `${table}_${column}_lookup`;
}
