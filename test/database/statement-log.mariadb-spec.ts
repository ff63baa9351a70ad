import { type Connection, createConnection } from 'mysql2/promise';
import { testActivationRaces } from '../accounts/activate-races.js';
import { testPhoneRaces } from '../accounts/phone-races.js';
import { Api } from '../support/api.js';
import { diagnose, found } from '../support/doctor.js';
import { PrivateMariadb } from '../support/private-mariadb.js';
import { BEHIND_PROXY } from '../support/public-routes.js';
import { APP_KEY } from '../support/settings.js';
import { createOnServer, type TestDatabase } from '../support/test-database.js';

jest.setTimeout(120_000);

async function rowOf(
  connection: Connection,
  statement: string,
  parameters: unknown[] = [],
): Promise<Record<string, unknown>> {
  const [rows] = await connection.query(statement, parameters);
  return (rows as Record<string, unknown>[])[0] ?? {};
}

describe('A server that logs statements instead of rows', () => {
  let primary: PrivateMariadb;
  let replica: PrivateMariadb;
  let database: TestDatabase;
  let api: Api;
  let connections: { primary: Connection; replica: Connection };

  beforeAll(async () => {
    primary = await PrivateMariadb.start(['--server-id=1', '--log-bin=binary', '--binlog-format=STATEMENT']);
    replica = await PrivateMariadb.start(['--server-id=2', '--read-only']);
    connections = { primary: await createConnection(primary.access), replica: await createConnection(replica.access) };
    const { File: file, Position: position } = await rowOf(connections.primary, 'SHOW MASTER STATUS');
    const { host, port, user, password } = primary.access;
    await connections.replica.query(
      `CHANGE MASTER TO MASTER_HOST = '${host}', MASTER_PORT = ${port}, MASTER_USER = '${user}', MASTER_PASSWORD = '${password}',
         MASTER_LOG_FILE = '${String(file)}', MASTER_LOG_POS = ${Number(position)}`,
    );
    await connections.replica.query('START SLAVE');
    database = await createOnServer(primary.access);
    api = await Api.start({ database, environment: BEHIND_PROXY });
  });
  afterAll(async () => {
    await api.stop();
    for (const connection of Object.values(connections)) await connection.end();
    await replica.stop();
    await primary.stop();
  });

  describe('gives every number to one account', () => {
    testPhoneRaces(() => api);
    testActivationRaces(() => api);
  });

  it('confirms a phone number, and takes calls by Digest', async () => {
    const alice = await api.given.account();
    expect((await api.withDigest(alice).post('/api/accounts/me/phone/request', { phone: '+33699999999' })).status).toBe(
      200,
    );
    const { code } = api.messages.last;
    expect((await api.withDigest(alice).post('/api/accounts/me/phone', { code })).status).toBe(200);
    expect(await api.count('aliases', 'account_id = ? AND alias = ?', [alice.id, '+33699999999'])).toBe(1);
  });

  it('has a replica with the same rows in every table', async () => {
    const { File: file, Position: position } = await rowOf(connections.primary, 'SHOW MASTER STATUS');
    const { events } = await rowOf(connections.replica, 'SELECT MASTER_POS_WAIT(?, ?, 60) AS events', [file, position]);
    expect((await rowOf(connections.replica, 'SHOW SLAVE STATUS')).Last_Error).toBe('');
    expect(Number(events)).toBeGreaterThanOrEqual(0);
    const tables = (await api.sql('SHOW TABLES')).map(
      (row: Record<string, string>) => `${database.environment.DB_DATABASE}.${Object.values(row)[0]}`,
    );
    const checksums = async (connection: Connection) =>
      (await connection.query(`CHECKSUM TABLE ${tables.join(', ')}`))[0];
    expect(await checksums(connections.replica)).toEqual(await checksums(connections.primary));
    expect(tables.length).toBeGreaterThan(10);
  });

  it('is named by doctor', async () => {
    const diagnosis = await diagnose({
      APP_KEY,
      APP_URL: 'https://api.example.org',
      ...database.environment,
    });
    expect(found(diagnosis, 'replication')).toEqual([expect.stringMatching(/^warning: binlog_format=STATEMENT: /)]);
  });
});
