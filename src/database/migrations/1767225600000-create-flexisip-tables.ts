import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';

/** SQL words that differ between the two dialects. */
const words = {
  sqlite: {
    id: 'integer PRIMARY KEY AUTOINCREMENT',
    bigId: 'integer PRIMARY KEY AUTOINCREMENT',
    reference: 'integer',
    timestamp: 'datetime',
    table: '',
  },
  mysql: {
    id: 'int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY',
    bigId: 'bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY',
    reference: 'int unsigned',
    timestamp: 'timestamp',
    table: ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci',
  },
};

/**
 * Creates the tables of a Flexisip installation of 2021. Existing tables stay unchanged; on an empty database all are
 * created.
 */
export class CreateFlexisipTables1767225600000 implements MigrationInterface {
  readonly name = 'CreateFlexisipTables1767225600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [table, body] of Object.entries(tables(words[dialectOf(queryRunner.dataSource)]))) {
      if (await queryRunner.hasTable(table)) continue;
      await queryRunner.query(`CREATE TABLE ${table} (${body.columns})${words[dialectOf(queryRunner.dataSource)].table}`);
      for (const index of body.indexes ?? []) await queryRunner.query(`CREATE ${index}`);
    }
  }

  /** Keeps the tables: they belong to Flexisip, hold the accounts, and may be older than this service. */
  async down(): Promise<void> {}
}

function tables(word: (typeof words)['mysql']): Record<string, { columns: string; indexes?: string[] }> {
  const timestamps = `created_at ${word.timestamp} NULL DEFAULT NULL, updated_at ${word.timestamp} NULL DEFAULT NULL`;
  const account = (table: string) =>
    `account_id ${word.reference} NOT NULL, CONSTRAINT ${table}_account_id_foreign FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE`;
  const onAccount = (table: string) => `INDEX ${table}_account_id_index ON ${table} (account_id)`;
  return {
    accounts: {
      columns: `id ${word.id}, username varchar(64) NOT NULL, domain varchar(64) NOT NULL, email varchar(64) NULL,
        activated tinyint(1) NOT NULL DEFAULT 0, confirmation_key varchar(14) NULL, ip_address varchar(39) NOT NULL,
        user_agent varchar(256) NOT NULL, creation_time datetime NOT NULL, expire_time datetime NULL`,
    },
    passwords: {
      columns: `id ${word.id}, password varchar(255) NOT NULL, algorithm varchar(10) NOT NULL DEFAULT 'MD5', ${account('passwords')}`,
    },
    aliases: {
      columns: `id ${word.bigId}, alias varchar(64) NOT NULL, domain varchar(64) NOT NULL, ${account('aliases')}`,
      indexes: [onAccount('aliases')],
    },
    admins: { columns: `id ${word.id}, ${timestamps}, ${account('admins')}` },
    api_keys: {
      columns: `id ${word.id}, \`key\` varchar(160) NOT NULL, ${timestamps}, ${account('api_keys')}`,
      indexes: ['UNIQUE INDEX api_keys_account_id_unique ON api_keys (account_id)', 'UNIQUE INDEX api_keys_key_unique ON api_keys (`key`)'],
    },
    nonces: {
      columns: `id ${word.id}, nonce varchar(255) NOT NULL, nc int NOT NULL DEFAULT 0, ${timestamps}, ${account('nonces')}`,
      indexes: [onAccount('nonces')],
    },
    email_changed: {
      columns: `id ${word.id}, new_email varchar(255) NOT NULL, hash varchar(255) NOT NULL, ${timestamps}, ${account('email_changed')}`,
      indexes: ['UNIQUE INDEX email_changed_account_id_unique ON email_changed (account_id)'],
    },
    phone_change_codes: {
      columns: `id ${word.id}, code varchar(255) NOT NULL, phone varchar(255) NOT NULL, ${timestamps}, ${account('phone_change_codes')}`,
      indexes: [onAccount('phone_change_codes')],
    },
    tokens: {
      columns: `id ${word.bigId}, token varchar(255) NOT NULL, pn_provider varchar(255) NOT NULL, pn_param varchar(255) NOT NULL,
        pn_prid varchar(255) NOT NULL, used tinyint(1) NOT NULL DEFAULT 0, ${timestamps}`,
      indexes: [
        'INDEX tokens_token_index ON tokens (token)',
        'INDEX tokens_pn_provider_pn_param_pn_prid_index ON tokens (pn_provider, pn_param, pn_prid)',
      ],
    },
    activation_expirations: {
      columns: `id ${word.bigId}, expires datetime NOT NULL, ${timestamps}, ${account('activation_expirations')}`,
      indexes: [onAccount('activation_expirations')],
    },
  };
}
