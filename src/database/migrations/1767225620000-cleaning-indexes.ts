import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dropIndex, hasIndex } from '../schema-inspection.js';

/** The indexes by which jobs find what has ended. Without them, each run would read the whole table. */
export const CLEANING_INDEXES = [
  { table: 'accounts', index: 'accounts_never_activated_index', columns: 'never_activated, has_creation_token, id' },
  { table: 'tokens', index: 'tokens_expired_index', columns: 'origin, used, expires' },
] as const;

/** Adds the indexes that the jobs for failed sign-ups and for expired tokens need. */
export class CleaningIndexes1767225620000 implements MigrationInterface {
  readonly name = 'CleaningIndexes1767225620000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const { table, index, columns } of CLEANING_INDEXES) {
      if (await hasIndex(queryRunner, table, index)) continue;
      await queryRunner.query(`CREATE INDEX ${index} ON ${table} (${columns})`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const { table, index } of CLEANING_INDEXES) {
      if (await hasIndex(queryRunner, table, index)) await dropIndex(queryRunner, table, index);
    }
  }
}
