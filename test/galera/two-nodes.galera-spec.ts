import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { migrations } from '../../src/database/migrations/index.js';
import { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { fill2021 } from '../support/database-2021.js';

import { freePort, type ServerAccess } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';
import { Service } from '../support/service.js';
import { APP_KEY } from '../support/settings.js';
import { createOnCluster, galeraNodes, type TestDatabase } from '../support/test-database.js';

const NAMES = migrations.map(({ name }) => name);

/** What Percona XtraDB Cluster refuses in its default mode (`pxc_strict_mode=ENFORCING`), or a cluster does not replicate. */
const REFUSED_BY_CLUSTERS =
  /\b(GET_LOCK|RELEASE_LOCK|IS_FREE_LOCK|LOCK TABLES|FLUSH TABLES|ISOLATION LEVEL SERIALIZABLE|XA START)\b|^\s*CREATE TABLE\b.*\bSELECT\b/is;

jest.setTimeout(180_000);

describe('Through several nodes of a Galera cluster', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createOnCluster(galeraNodes());
  });
  afterEach(() => database.remove());

  const environmentOn = ({ host, port }: ServerAccess) => ({
    APP_KEY,
    ...database.environment,
    DB_HOST: host,
    DB_PORT: String(port),
  });

  async function onNode<T>(index: number, statement: string): Promise<T[]> {
    const node = galeraNodes()[index];
    const connection = await createConnection({ ...node, database: database.environment.DB_DATABASE });
    await connection.query('SET SESSION wsrep_sync_wait = 15');
    const [rows] = await connection.query(statement);
    await connection.end();
    return rows as T[];
  }

  it.each(['an empty database', 'a database of 2021'])(
    '%s is migrated once by processes that start at once, and reverted by one',
    async (which) => {
      if (which === 'a database of 2021')
        await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
      const outcomes = await Promise.all(galeraNodes().map((node) => runCli(environmentOn(node), 'migrate', '--json')));
      expect(
        outcomes.map(({ code, stderr }) => ({ code, stderr: stderr.replace(/^Another process writes.*\n/, '') })),
      ).toEqual(outcomes.map(() => ({ code: 0, stderr: '' })));
      const ran = outcomes
        .map(({ stdout }) => (JSON.parse(stdout) as { ran: string[] }).ran)
        .filter((names) => names.length > 0);
      expect(ran).toEqual([NAMES]);
      const reverts = await Promise.all(
        galeraNodes().map((node) => runCli(environmentOn(node), 'migrate:revert', '--apply', '--json')),
      );
      const reverted = reverts.flatMap(({ stdout }) => (JSON.parse(stdout) as { reverted: string[] }).reverted);
      expect({ codes: reverts.map(({ code }) => code), reverted }).toEqual({
        codes: [0, 0, 0],
        reverted: NAMES.toReversed(),
      });
    },
  );

  it('two services start at once on an empty database, and make one administrator', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-galera-'));
    const services = await Promise.all(
      galeraNodes()
        .slice(0, 2)
        .map(async (node) =>
          Service.start({ ...environmentOn(node), FIRST_ADMIN: 'operator', PORT: String(await freePort()) }, folder),
        ),
    );
    expect(await onNode(0, 'SELECT name FROM flexisip_api_migrations ORDER BY timestamp')).toEqual(
      NAMES.map((name) => ({ name })),
    );
    expect(await onNode(1, 'SELECT username FROM accounts JOIN admins ON account_id = accounts.id')).toEqual([
      { username: 'operator' },
    ]);
    await Promise.all(services.map((service) => service.stop()));
    rmSync(folder, { recursive: true });
  });

  it('what one node has acknowledged is known at once on the other, and no statement is one that clusters refuse', async () => {
    for (const index of [0, 1]) await onNode(index, "SET GLOBAL log_output = 'TABLE'");
    for (const index of [0, 1]) await onNode(index, 'SET GLOBAL general_log = ON');
    const api = await Api.start({ database });
    const admin = await api.given.admin();
    // The instances take turns: what the one creates, the other is asked for.
    const createAndAsk = async () => {
      const username = api.given.unique('known');
      const { status } = await api
        .withKey(admin)
        .post('/api/accounts', { username, password: 'secret words', algorithm: 'MD5' });
      return { created: status, asked: await api.anonymous().get(`/api/accounts/${username}@sip.example.org/info`) };
    };
    const outcomes = [];
    for (const _ of range(300)) outcomes.push(await createAndAsk());
    expect(outcomes.filter(({ created }) => created !== 200)).toEqual([]);
    expect(tally(outcomes.map(({ asked }) => asked))).toEqual({ 200: 300 });
    await api.stop();
    for (const index of [0, 1]) await onNode(index, 'SET GLOBAL general_log = OFF');
    for (const index of [0, 1]) {
      const rows = await onNode<{ argument: Buffer | string }>(
        index,
        "SELECT argument FROM mysql.general_log WHERE user_host LIKE 'tester%'",
      );
      const statements = rows.map(({ argument }) => argument.toString());
      expect(statements.length).toBeGreaterThan(300);
      expect(statements.filter((statement) => REFUSED_BY_CLUSTERS.test(statement))).toEqual([]);
    }
    const tables = await onNode<{ name: string; engine: string; keys: string | number }>(
      0,
      `SELECT t.table_name AS name, t.engine AS engine, COUNT(k.column_name) AS \`keys\` FROM information_schema.tables t
         LEFT JOIN information_schema.statistics k
           ON k.table_schema = t.table_schema AND k.table_name = t.table_name AND k.index_name = 'PRIMARY'
        WHERE t.table_schema = DATABASE() GROUP BY t.table_name, t.engine`,
    );
    expect(tables.filter(({ engine, keys }) => engine !== 'InnoDB' || Number(keys) === 0)).toEqual([]);
  });
});
