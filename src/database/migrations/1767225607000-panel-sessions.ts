import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';

/** Adds the table of panel sessions. Only this service uses it, and its rows may be lost. */
export class PanelSessions1767225607000 implements MigrationInterface {
  readonly name = 'PanelSessions1767225607000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasTable('panel_sessions')) return;
    const isSqlite = dialectOf(queryRunner.dataSource) === 'sqlite';
    const id = isSqlite ? 'integer PRIMARY KEY AUTOINCREMENT' : 'int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY';
    const reference = isSqlite ? 'integer' : 'int unsigned';
    const table = isSqlite ? '' : ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci';
    await queryRunner.query(
      `CREATE TABLE panel_sessions (id ${id}, account_id ${reference} NOT NULL, hash varchar(64) NOT NULL, stamp varchar(64) NOT NULL,
         expires datetime NOT NULL,
         CONSTRAINT panel_sessions_account_id_foreign FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE)${table}`,
    );
    await queryRunner.query('CREATE UNIQUE INDEX panel_sessions_hash_unique ON panel_sessions (hash)');
    await queryRunner.query('CREATE INDEX panel_sessions_account_id_index ON panel_sessions (account_id)');
    await queryRunner.query('CREATE INDEX panel_sessions_expires_index ON panel_sessions (expires)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasTable('panel_sessions')) await queryRunner.query('DROP TABLE panel_sessions');
  }
}
