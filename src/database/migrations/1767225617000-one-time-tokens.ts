import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { hasIndex } from '../schema-inspection.js';

const TABLE = 'flexisip_api_tokens';
const INDEXES = [
  { name: 'flexisip_api_tokens_hash_unique', definition: 'UNIQUE INDEX', column: 'hash' },
  { name: 'flexisip_api_tokens_account_id_index', definition: 'INDEX', column: 'account_id' },
  { name: 'flexisip_api_tokens_expires_index', definition: 'INDEX', column: 'expires' },
];

/**
 * The tokens that are used once and never sent again, of every kind but account creation tokens (contract-2x §2). Only
 * the hash of a token is stored. Neither Flexisip nor the server of 2021 reads the table.
 */
export class OneTimeTokens1767225617000 implements MigrationInterface {
  readonly name = 'OneTimeTokens1767225617000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const isSqlite = dialectOf(queryRunner.dataSource) === 'sqlite';
    const id = isSqlite ? 'integer PRIMARY KEY AUTOINCREMENT' : 'bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY';
    const reference = isSqlite ? 'integer' : 'int unsigned';
    const bigReference = isSqlite ? 'integer' : 'bigint unsigned';
    const table = isSqlite ? '' : ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci';
    if (!(await queryRunner.hasTable(TABLE))) {
      await queryRunner.query(
        `CREATE TABLE ${TABLE} (id ${id}, kind varchar(16) NOT NULL, hash varchar(64) NOT NULL, account_id ${reference} NULL,
           creation_token_id ${bigReference} NULL, created datetime NOT NULL, expires datetime NOT NULL, validated datetime NULL,
           used datetime NULL,
           CONSTRAINT flexisip_api_tokens_account_id_foreign FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE)${table}`,
      );
    }
    // Each index has its own check: an interruption between the statements must not lose it.
    for (const { name, definition, column } of INDEXES) {
      if (await hasIndex(queryRunner, TABLE, name)) continue;
      await queryRunner.query(`CREATE ${definition} ${name} ON ${TABLE} (${column})`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasTable(TABLE)) await queryRunner.query(`DROP TABLE ${TABLE}`);
  }
}
