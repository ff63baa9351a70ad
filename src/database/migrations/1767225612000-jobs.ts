import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';

/**
 * When each job runs next, and which process runs it. The table belongs to this service. Its rows may be lost: the jobs
 * then run at once.
 */
export class Jobs1767225612000 implements MigrationInterface {
  readonly name = 'Jobs1767225612000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasTable('flexisip_api_jobs')) return;
    const isSqlite = dialectOf(queryRunner.dataSource) === 'sqlite';
    const table = isSqlite ? '' : ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci';
    await queryRunner.query(
      `CREATE TABLE flexisip_api_jobs (name varchar(64) NOT NULL PRIMARY KEY, holder varchar(32) NOT NULL, due datetime NOT NULL,
         succeeded datetime NULL)${table}`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasTable('flexisip_api_jobs')) await queryRunner.query('DROP TABLE flexisip_api_jobs');
  }
}
