import type { Api } from '../support/api.js';

/** The columns of each table for the account with the number n. */
const COLUMNS: Record<string, Record<string, string>> = {
  passwords: { password: "SHA2(CONCAT('ha1', n), 256)", algorithm: "'SHA-256'" },
  aliases: { alias: "CONCAT('+3361', 1000000 + n)", domain: "'sip.example.org'" },
  admins: { created_at: 'NOW()' },
  api_keys: { '`key`': "CONCAT('key', n)" },
  nonces: { nonce: "CONCAT('nonce', n)", nc: '1' },
  email_changed: { new_email: "CONCAT('new', n, '@example.org')", hash: 'SHA2(n, 256)' },
  phone_change_codes: { code: "'1234'", phone: "CONCAT('+3362', 1000000 + n)" },
  activation_expirations: { expires: 'NOW()' },
};

const DIGIT = `(${Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ')})`;

/** The numbers from 1 to 10,000. MariaDB has sequences for this; MySQL has none. */
const NUMBERS = `(SELECT 1 + e.d + 10 * z.d + 100 * h.d + 1000 * t.d AS seq FROM ${DIGIT} e, ${DIGIT} z, ${DIGIT} h, ${DIGIT} t) numbers`;

/**
 * Inserts this many rows, 10,000 at most, into every table of a server, and updates its statistics. A server reads a
 * table with few rows completely, even if there is an index.
 */
export async function fillTables(api: Api, count: number): Promise<void> {
  const numbers = `${NUMBERS} WHERE seq <= ${count}`;
  await api.sql(
    `INSERT INTO accounts (username, domain, email, phone, activated, confirmation_key, ip_address, user_agent, creation_time)
     SELECT CONCAT('filler', seq), 'sip.example.org', CONCAT('filler', seq, '@example.org'), CONCAT('+3361', 1000000 + seq), 0,
            CONCAT('code', seq), '192.0.2.1', 'a test', NOW() FROM ${numbers}`,
  );
  for (const [table, columns] of Object.entries(COLUMNS)) {
    await api.sql(
      `INSERT INTO ${table} (account_id, ${Object.keys(columns).join(', ')})
       SELECT a.id, ${Object.values(columns).join(', ')}
         FROM (SELECT id, CAST(SUBSTRING(username, 7) AS UNSIGNED) AS n FROM accounts WHERE username LIKE 'filler%') a`,
    );
  }
  await api.sql(
    `INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, created_at)
     SELECT CONCAT('token', seq), 'fcm', 'project', CONCAT('prid', seq), 0, NOW() FROM ${numbers}`,
  );
  for (const table of ['accounts', 'tokens', ...Object.keys(COLUMNS)]) await api.sql(`ANALYZE TABLE ${table}`);
}
