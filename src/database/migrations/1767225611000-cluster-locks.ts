import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LOCKS_TABLE } from '../cluster-locks.js';
import { dialectOf } from '../dialect.js';

/**
 * Adds the table that transactions on several cluster nodes write to detect each other. Only this service uses it, and
 * its rows may be lost.
 */
export class ClusterLocks1767225611000 implements MigrationInterface {
  readonly name = 'ClusterLocks1767225611000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (dialectOf(queryRunner.dataSource) === 'sqlite' || (await queryRunner.hasTable(LOCKS_TABLE))) return;
    await queryRunner.query(
      `CREATE TABLE ${LOCKS_TABLE} (id smallint unsigned NOT NULL PRIMARY KEY, uses bigint unsigned NOT NULL)
         ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasTable(LOCKS_TABLE)) await queryRunner.query(`DROP TABLE ${LOCKS_TABLE}`);
  }
}
