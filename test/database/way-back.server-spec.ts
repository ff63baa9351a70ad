import type { Connection } from 'mysql2/promise';
import { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { connectTo, fill2021, snapshot } from '../support/database-2021.js';
import type { GivenAccount } from '../support/factories.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

const operator: GivenAccount = {
  id: 4,
  username: 'operator',
  domain: 'sip.example.org',
  sip: 'operator@sip.example.org',
  from: 'sip:operator@sip.example.org',
  password: 'secret words',
  algorithms: ['MD5'],
  apiKey: 'operators-key-of-2021',
};

/** Statements of the 2021 server, with the columns it knows. */
const WORK_OF_2021 = [
  `INSERT INTO accounts (username, domain, email, activated, confirmation_key, ip_address, user_agent, creation_time)
    VALUES ('frank', 'sip.example.org', NULL, 1, NULL, '192.0.2.9', 'Linphone', '2021-04-01 10:00:00')`,
  "INSERT INTO passwords (account_id, password, algorithm) SELECT id, 'x', 'MD5' FROM accounts WHERE username = 'frank'",
  `INSERT INTO aliases (account_id, alias, domain) SELECT id, '+33655555555', 'sip.example.org' FROM accounts WHERE username = 'frank'`,
  "INSERT INTO nonces (account_id, nonce, nc, created_at) SELECT id, 'a nonce of 2021', 1, '2021-04-01 10:00:00' FROM accounts WHERE username = 'frank'",
  "UPDATE nonces SET nc = 2 WHERE nonce = 'a nonce of 2021'",
  "INSERT INTO tokens (token, pn_provider, pn_param, pn_prid) VALUES ('a token', 'fcm', 'project', 'another device')",
  "UPDATE accounts SET activated = 1, confirmation_key = NULL WHERE username = 'carol'",
  "DELETE FROM accounts WHERE username = 'bobbob'",
];

async function columns(connection: Connection): Promise<unknown> {
  const [rows] = await connection.query(
    `SELECT table_name, column_name, column_type, is_nullable, column_default FROM information_schema.columns
      WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`,
  );
  return rows;
}

describe('The way back to the server of 2021', () => {
  let database: TestDatabase;
  let environment: Record<string, string>;
  let connection: Connection;
  let before: unknown;

  beforeEach(async () => {
    database = await createDatabase();
    environment = { APP_KEY, ...database.environment };
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    connection = await connectTo(database);
    before = await columns(connection);
    const api = await Api.start({ database });
    const created = {
      username: 'daniel',
      password: 'secret words',
      algorithm: 'SHA-256',
      phone: '+33611111111',
      activated: true,
    };
    await api.withKey(operator).post('/api/accounts', created);
    await api.withDigest(operator).get('/api/accounts/me');
    await api.stop();
  });
  afterEach(async () => {
    await connection.end();
    await database.remove();
  });

  it('needs no change of the schema: the old server works on the migrated one, but cannot create duplicate rows', async () => {
    for (const statement of WORK_OF_2021) await connection.query(statement);
    await expect(connection.query(WORK_OF_2021[0] ?? '')).rejects.toMatchObject({ code: 'ER_DUP_ENTRY' });
  });

  it('leads to the schema of before, with every row', async () => {
    const rows = (await snapshot(database)) as Record<string, { rows: object[] }>;
    const preview = await runCli(environment, 'migrate:revert');
    expect(preview.stdout).toContain('would revert Account phone (AccountPhone1767225606000)\n');
    expect(await columns(connection)).not.toEqual(before);

    const { code, stdout } = await runCli(environment, 'migrate:revert', '--apply', '--json');
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, applied: true });
    expect(await columns(connection)).toEqual(before);
    const after = (await snapshot(database)) as Record<string, { rows: object[] }>;
    const own = new Set([
      'delivery_claims',
      'flexisip_api_jobs',
      'flexisip_api_locks',
      'flexisip_api_migration_lock',
      'flexisip_api_migrations',
      'flexisip_api_tokens',
      'panel_sessions',
    ]);
    expect(Object.keys(after).filter((name) => own.has(name))).toEqual([]);
    for (const table of Object.keys(rows).filter((name) => !own.has(name))) {
      expect({ table, count: after[table]?.rows.length }).toEqual({ table, count: rows[table]?.rows.length });
    }
    expect((await runCli(environment, 'migrate:revert', '--apply')).stdout).toBe(
      'Nothing to do: no migration has run.\n',
    );
  });

  it('can be gone again: what the old server wrote meanwhile is taken in, numbers included', async () => {
    for (const statement of WORK_OF_2021) await connection.query(statement);
    await runCli(environment, 'migrate:revert', '--apply');
    const api = await Api.start({ database });
    const list = (await api.withKey(operator).get('/api/accounts')).json as {
      data: { username: string; phone: string | null }[];
    };
    const phones = Object.fromEntries(list.data.map(({ username, phone }) => [username, phone]));
    expect(phones).toMatchObject({ frank: '+33655555555', daniel: '+33611111111' });
    await api.stop();
  });
});
