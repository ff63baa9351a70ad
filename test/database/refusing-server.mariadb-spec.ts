import { execFileSync } from 'node:child_process';
import { type Connection, createConnection } from 'mysql2/promise';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { Relay } from '../support/external/relay.js';
import { until } from '../support/until.js';
import { PrivateMariadb, type ServerAccess } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { untilServed } from '../support/timed-calls.js';
import { tally } from '../support/refusal.js';
import { createOnServer, type TestDatabase } from '../support/test-database.js';

const UNAVAILABLE = { status: 503, json: { code: 'database_unavailable' }, headers: { 'retry-after': '5' } };

/**
 * A user with the usual rights of the service: it cannot write to a read-only server or exceed the connection limits.
 */
const USER = { DB_USERNAME: 'service', DB_PASSWORD: 'service' };

/** The arguments with which a client program connects to a server. */
const reach = ({ host, port, user, password }: ServerAccess) => [
  `--host=${host}`,
  `--port=${port}`,
  `--user=${user}`,
  `--password=${password}`,
];

/** Copies a database and the service's user to another server, as replication does. */
function copyDatabase(name: string, from: ServerAccess, to: ServerAccess): void {
  const dump = execFileSync('mariadb-dump', ['--no-defaults', ...reach(from), '--databases', name]);
  const user = `GRANT ALL ON ${name}.* TO ${USER.DB_USERNAME}@'%' IDENTIFIED BY '${USER.DB_PASSWORD}';`;
  execFileSync('mariadb', ['--no-defaults', ...reach(to)], { input: Buffer.concat([dump, Buffer.from(user)]) });
}

describe('A server that answers and refuses', () => {
  let mariadb: PrivateMariadb;
  let database: TestDatabase;
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    mariadb = await PrivateMariadb.start();
    database = await createOnServer(mariadb.access);
    await administer(
      `CREATE USER ${USER.DB_USERNAME}@'%' IDENTIFIED BY '${USER.DB_PASSWORD}'`,
      `GRANT ALL ON ${database.environment.DB_DATABASE}.* TO ${USER.DB_USERNAME}@'%'`,
    );
    api = await Api.start({ database, environment: USER });
    admin = await api.given.admin();
  });
  afterAll(async () => {
    await api.stop();
    await mariadb.stop();
  });

  const administer = async (...statements: string[]): Promise<void> => {
    const connection = await createConnection(mariadb.access);
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  };

  /** The server fixes the rights of a session when it begins, so existing sessions must end. */
  const END_SESSIONS = `KILL USER ${USER.DB_USERNAME}`;

  const read = (): Promise<Answer> => api.withKey(admin).get('/api/accounts/me');
  const write = (): Promise<Answer> => create(api.given.unique('newcomer'));
  const create = (username: string): Promise<Answer> =>
    api.withKey(admin).post('/api/accounts', { username, password: 'secret words', algorithm: 'MD5' });
  const readiness = async (): Promise<number> => (await api.send({ path: '/health/ready' })).status;

  const expectRecovered = async () => {
    expect((await untilServed(write)).answer.status).toBe(200);
    expect((await untilServed(() => api.send({ path: '/health/ready' }))).answer.status).toBe(200);
  };

  it('writes while it is read-only costs writes 503, serves reads, and is not ready', async () => {
    await administer('SET GLOBAL read_only = 1');
    expect(await write()).toMatchObject(UNAVAILABLE);
    expect((await read()).status).toBe(200);
    await until(async () => (await readiness()) === 503);
    await administer('SET GLOBAL read_only = 0');
    await expectRecovered();
  });

  it('is known to be read-only before anybody writes', async () => {
    expect(await readiness()).toBe(200);
    await administer('SET GLOBAL read_only = 1');
    await until(async () => (await readiness()) === 503);
    await administer('SET GLOBAL read_only = 0');
    await expectRecovered();
  });

  it('is left for the server that its name leads to after a switch-over', async () => {
    const primary = await PrivateMariadb.start();
    const relay = await Relay.start(mariadb.access.port);
    const usual = api;
    api = await Api.start({ database, environment: { ...USER, DB_PORT: String(relay.port) } });
    try {
      const name = String(database.environment.DB_DATABASE);
      copyDatabase(name, mariadb.access, primary.access);
      // Idle connections to the old server exist.
      await Promise.all(range(20).map(read));
      await administer('SET GLOBAL read_only = 1');
      relay.lead(primary.access.port);
      expect(await write()).toMatchObject(UNAVAILABLE);
      const answers = await Promise.all(range(20).map((one) => create(`elsewhere${one}`)));
      expect(tally(answers)).toEqual({ 200: 20 });
    } finally {
      await administer('SET GLOBAL read_only = 0');
      await api.stop();
      api = usual;
      await relay.stop();
      await primary.stop();
    }
  });

  it('a fourth connection serves all calls with three', async () => {
    await administer(`GRANT USAGE ON *.* TO ${USER.DB_USERNAME}@'%' WITH MAX_USER_CONNECTIONS 3`, END_SESSIONS);
    await expectRecovered();
    const answers = await Promise.all(range(60).flatMap(() => [read(), write()]));
    expect(tally(answers)).toEqual({ 200: 120 });
    expect(await readiness()).toBe(200);
    await administer(`GRANT USAGE ON *.* TO ${USER.DB_USERNAME}@'%' WITH MAX_USER_CONNECTIONS 0`);
  });

  /** Takes the only connection that the user may have. The service may be faster, so its sessions end until it is not. */
  const takeOnlyConnection = async (): Promise<Connection> => {
    const access = { ...mariadb.access, user: USER.DB_USERNAME, password: USER.DB_PASSWORD };
    let taken: Connection | null = null;
    await until(async () => {
      await administer(END_SESSIONS);
      taken = await createConnection(access).catch(() => null);
      return taken !== null;
    });
    if (!taken) throw new Error('the service kept the connection');
    return taken;
  };

  it('any connection at all costs each call 503, and is used again without a restart', async () => {
    await administer(`GRANT USAGE ON *.* TO ${USER.DB_USERNAME}@'%' WITH MAX_USER_CONNECTIONS 1`);
    const other = await takeOnlyConnection();
    await until(async () => (await readiness()) === 503);
    const answers = await Promise.all(range(20).flatMap(() => [read(), write()]));
    expect(tally(answers)).toEqual({ '503 database_unavailable': 40 });
    await other.end();
    await administer(`GRANT USAGE ON *.* TO ${USER.DB_USERNAME}@'%' WITH MAX_USER_CONNECTIONS 0`);
    await expectRecovered();
  });

  it('another password costs each call 503 while the service runs', async () => {
    await administer(`ALTER USER ${USER.DB_USERNAME}@'%' IDENTIFIED BY 'another'`, END_SESSIONS);
    await until(async () => (await readiness()) === 503);
    expect(await read()).toMatchObject(UNAVAILABLE);
    await administer(`ALTER USER ${USER.DB_USERNAME}@'%' IDENTIFIED BY '${USER.DB_PASSWORD}'`);
    await expectRecovered();
  });

  it('a right that is taken away costs 503, and is used again when it is given back', async () => {
    const on = `ON ${database.environment.DB_DATABASE}.*`;
    await administer(`REVOKE INSERT, UPDATE, DELETE ${on} FROM ${USER.DB_USERNAME}@'%'`, END_SESSIONS);
    expect(await write()).toMatchObject(UNAVAILABLE);
    await until(async () => (await readiness()) === 503);
    await administer(`GRANT ALL ${on} TO ${USER.DB_USERNAME}@'%'`);
    await expectRecovered();
  });

  it('more prepared statements costs 503, and is not ready until it takes them', async () => {
    await administer('SET GLOBAL max_prepared_stmt_count = 0', END_SESSIONS);
    await until(async () => (await readiness()) === 503);
    const answers = await Promise.all(range(20).flatMap(() => [read(), write()]));
    expect(tally(answers)).toEqual({ '503 database_unavailable': 40 });
    await administer('SET GLOBAL max_prepared_stmt_count = 16382');
    await expectRecovered();
  });
});
