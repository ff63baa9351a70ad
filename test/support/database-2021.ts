import { type Connection, createConnection } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { loadSettings } from '../../src/config/load-settings.js';
import { connectionOptions } from '../../src/database/connection-options.js';
import { type DigestAlgorithm, ha1Of } from './digest-client.js';
import type { GivenAccount } from './factories.js';
import { APP_KEY } from './settings.js';
import { createDatabase, type TestDatabase } from './test-database.js';

/** Opens a database without the application. */
export function connectTo({ environment }: TestDatabase): Promise<Connection> {
  const { DB_HOST: host, DB_PORT: port, DB_USERNAME: user, DB_PASSWORD: password, DB_DATABASE: database } = environment;
  return createConnection({
    host,
    port: Number(port),
    user,
    password,
    database,
    dateStrings: true,
    multipleStatements: true,
  });
}

const fk = (table: string) => `account_id int unsigned NOT NULL,
  CONSTRAINT ${table}_account_id_foreign FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE`;
const ts = 'created_at timestamp NULL, updated_at timestamp NULL';
const id = 'id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY';
const bigId = 'id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY';

/**
 * The tables of a Flexisip installation of 2021, written only from the description of that schema, and further tables
 * beside them.
 */
const TABLES: Record<string, string> = {
  accounts: `${id}, username varchar(64) NOT NULL, domain varchar(64) NOT NULL, email varchar(64) NULL, activated tinyint(1) NOT NULL DEFAULT 0,
    confirmation_key varchar(14) NULL, ip_address varchar(39) NOT NULL, user_agent varchar(256) NOT NULL, creation_time datetime NOT NULL, expire_time datetime NULL`,
  passwords: `${id}, ${fk('passwords')}, password varchar(255) NOT NULL, algorithm varchar(10) NOT NULL DEFAULT 'MD5'`,
  aliases: `${bigId}, ${fk('aliases')}, alias varchar(64) NOT NULL, domain varchar(64) NOT NULL`,
  admins: `${id}, ${fk('admins')}, ${ts}`,
  api_keys: `${id}, ${fk('api_keys')}, \`key\` varchar(160) NOT NULL, ${ts}, UNIQUE KEY api_keys_account_id_unique (account_id), UNIQUE KEY api_keys_key_unique (\`key\`)`,
  nonces: `${id}, ${fk('nonces')}, nonce varchar(255) NOT NULL, nc int NOT NULL DEFAULT 0, ${ts}`,
  email_changed: `${id}, ${fk('email_changed')}, new_email varchar(255) NOT NULL, hash varchar(255) NOT NULL, ${ts}, UNIQUE KEY email_changed_account_id_unique (account_id)`,
  phone_change_codes: `${id}, ${fk('phone_change_codes')}, code varchar(255) NOT NULL, phone varchar(255) NOT NULL, ${ts}`,
  tokens: `${bigId}, token varchar(255) NOT NULL, pn_provider varchar(255) NOT NULL, pn_param varchar(255) NOT NULL, pn_prid varchar(255) NOT NULL,
    used tinyint(1) NOT NULL DEFAULT 0, ${ts}, KEY tokens_token_index (token), KEY tokens_pn (pn_provider, pn_param, pn_prid)`,
  activation_expirations: `${bigId}, ${fk('activation_expirations')}, expires datetime NOT NULL, ${ts}`,
  users: 'id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) NOT NULL',
  migrations:
    'id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, migration varchar(255) NOT NULL, batch int NOT NULL',
  failed_jobs: 'id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, payload longtext NOT NULL',
};

/** The stored hash of `secret words`. It is computed here, because MySQL 9 has no MD5(). */
export function ha1(algorithm: DigestAlgorithm, username: string): string {
  return ha1Of(algorithm, { username, realm: 'sip.example.org', password: 'secret words' });
}

const ROWS = `
INSERT INTO accounts (id, username, domain, email, activated, confirmation_key, ip_address, user_agent, creation_time) VALUES
  (1, 'alice', 'sip.example.org', 'alice@example.org', 1, NULL, '192.0.2.1', 'Linphone', '2021-03-01 10:00:00'),
  (2, 'bobbob', 'sip.example.org', NULL, 1, NULL, '192.0.2.2', 'Linphone', '2021-03-02 10:00:00'),
  (3, 'carol', 'sip.example.org', NULL, 0, '1234abcdefghi', '192.0.2.3', 'Linphone', '2021-03-03 10:00:00'),
  (4, 'operator', 'sip.example.org', NULL, 1, NULL, '192.0.2.4', 'curl', '2021-03-04 10:00:00'),
  (5, 'alice', 'other.example.org', NULL, 1, NULL, '192.0.2.5', 'Linphone', '2021-03-05 10:00:00');
INSERT INTO passwords (account_id, password, algorithm) VALUES
  (1, 'secret words', 'CLRTXT'),
  (2, '${ha1('MD5', 'bobbob')}', 'MD5'), (2, '${ha1('SHA-256', 'bobbob')}', 'SHA-256'),
  (4, '${ha1('MD5', 'operator')}', 'MD5');
INSERT INTO aliases (account_id, alias, domain) VALUES (1, '+33612345678', 'sip.example.org'), (2, '+33687654321', 'sip.example.org');
INSERT INTO admins (account_id) VALUES (4);
INSERT INTO api_keys (account_id, \`key\`, created_at) VALUES (4, 'operators-key-of-2021', '2021-03-04 10:00:00');
INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES (1, 'e77a98292b440774ebd53c31e237536a', 3, '2021-03-06 10:00:00');
INSERT INTO email_changed (account_id, new_email, hash, created_at) VALUES (1, 'new@example.org', 'abcdef', '2021-03-06 10:00:00');
INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used) VALUES ('usedtoken2021', 'fcm', 'project', 'device', 1);
INSERT INTO activation_expirations (account_id, expires) VALUES (3, '2099-01-01 00:00:00');
INSERT INTO users (name) VALUES ('somebody');
INSERT INTO migrations (migration, batch) VALUES ('2020_01_01_000000_create_accounts', 1);
INSERT INTO failed_jobs (payload) VALUES ('{}');
`;

export interface Collation {
  charset: string;
  collation: string;
}

/** Turns an empty database into one of 2021, with rows in every table. */
export async function fill2021(database: TestDatabase, { charset, collation }: Collation): Promise<void> {
  const connection = await connectTo(database);
  for (const [table, columns] of Object.entries(TABLES)) {
    await connection.query(
      `CREATE TABLE ${table} (${columns}) ENGINE=InnoDB DEFAULT CHARSET=${charset} COLLATE=${collation}`,
    );
  }
  await connection.query(ROWS);
  await connection.end();
}

/** The content of a database: its tables, their definitions, and their rows. */
export async function snapshot(database: TestDatabase, only?: string[]): Promise<Record<string, unknown>> {
  const connection = await connectTo(database);
  const [tables] = await connection.query('SHOW TABLES');
  const names = (tables as Record<string, string>[])
    .map((row) => String(Object.values(row)[0]))
    .filter((name) => !only || only.includes(name));
  const result: Record<string, unknown> = {};
  for (const name of names) {
    const [[made]] = (await connection.query(`SHOW CREATE TABLE ${name}`)) as unknown as [[unknown]];
    const [rows] = await connection.query(`SELECT * FROM ${name} ORDER BY 1`);
    result[name] = { made, rows };
  }
  await connection.end();
  return result;
}

/** The tables whose rows belong to an account. Their foreign keys have the name of the table. */
export const OWNED = [
  'passwords',
  'aliases',
  'admins',
  'api_keys',
  'nonces',
  'email_changed',
  'phone_change_codes',
  'activation_expirations',
] as const;

/** The statement that drops the foreign key of one of these tables. */
export const withoutKeys = (table: string) => `ALTER TABLE ${table} DROP FOREIGN KEY ${table}_account_id_foreign`;

/** A new database of 2021, changed by some statements, and a connection to it. */
export async function foundWith(...statements: string[]): Promise<{ database: TestDatabase; connection: Connection }> {
  const database = await createDatabase();
  await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
  const connection = await connectTo(database);
  for (const statement of statements) await connection.query(statement);
  return { database, connection };
}

/** Opens a database as the service does, but without checking its schema. */
export function openAsService({ environment }: TestDatabase): Promise<DataSource> {
  const settings = loadSettings({ APP_KEY, ...environment });
  return new DataSource(connectionOptions(settings)).initialize();
}

/** An account of 2021, with the secrets its owner knows. */
export function accountOf2021(accountId: number, username: string, apiKey?: string): GivenAccount {
  const [domain, password] = ['sip.example.org', 'secret words'];
  const sip = `${username}@${domain}`;
  return { id: accountId, username, domain, password, sip, from: `sip:${sip}`, algorithms: ['MD5', 'SHA-256'], apiKey };
}

/** The administrator of 2021. */
export const OPERATOR: GivenAccount = accountOf2021(4, 'operator', 'operators-key-of-2021');
