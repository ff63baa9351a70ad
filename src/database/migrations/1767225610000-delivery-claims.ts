import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { hasIndex } from '../schema-inspection.js';

const INDEX = 'delivery_claims_expires_index';

/**
 * Adds the table of reservations for messages in delivery: a device, a token, a username. Neither Flexisip nor the
 * server of 2021 reads it. Each row expires within seconds, so the table may be emptied at any time.
 */
export class DeliveryClaims1767225610000 implements MigrationInterface {
  readonly name = 'DeliveryClaims1767225610000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const isSqlite = dialectOf(queryRunner.dataSource) === 'sqlite';
    const table = isSqlite ? '' : ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci';
    if (!(await queryRunner.hasTable('delivery_claims'))) {
      await queryRunner.query(
        `CREATE TABLE delivery_claims (subject varchar(64) NOT NULL PRIMARY KEY, holder varchar(32) NOT NULL, content varchar(1024) NULL,
           expires datetime NOT NULL)${table}`,
      );
    }
    // The index has its own check: an interruption between the two statements must not lose it.
    if (await hasIndex(queryRunner, 'delivery_claims', INDEX)) return;
    await queryRunner.query(`CREATE INDEX ${INDEX} ON delivery_claims (expires)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasTable('delivery_claims')) await queryRunner.query('DROP TABLE delivery_claims');
  }
}
