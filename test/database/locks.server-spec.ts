import type { Connection } from 'mysql2/promise';
import { isUnavailable } from '../../src/database/dialect.js';
import { Transactions } from '../../src/database/transactions.js';
import { Api } from '../support/api.js';
import { connectTo } from '../support/database-2021.js';
import type { GivenAccount } from '../support/factories.js';
import { until, untilInnodb } from '../support/until.js';
import { range, registrationBody } from '../support/public-routes.js';
import { timed, untilServed, whilePinging } from '../support/timed-calls.js';
import { tally } from '../support/refusal.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

/** Short, so that the tests are short. The code is the same for every value. */
const DB_TIMEOUT = 2;

/** Additional seconds that a call may take on a busy machine. */
const SLACK = 2;

const UNAVAILABLE = { status: 503, json: { code: 'database_unavailable' }, headers: { 'retry-after': '5' } };

describe('A database in which somebody else is busy', () => {
  let database: TestDatabase;
  let api: Api;
  let other: Connection;
  let alice: GivenAccount;
  let admin: GivenAccount;

  beforeAll(async () => {
    database = await createDatabase();
    api = await Api.start({ database, environment: { DB_TIMEOUT: String(DB_TIMEOUT), RATE_LIMITS: 'off' } });
    other = await connectTo(database);
    admin = await api.given.admin();
  });
  afterEach(() => other.query('UNLOCK TABLES; ROLLBACK'));
  beforeEach(async () => {
    alice = await api.given.account();
  });
  afterAll(async () => {
    await other.end();
    await api.stop();
    await database.remove();
  });

  const setPassword = (password: string, account = alice) => {
    const body = { algorithm: 'SHA-256', password, old_password: 'secret words' };
    return api.withKey(account).post('/api/accounts/me/password', body);
  };
  const newAccount = (username: string) => ({
    username,
    password: 'secret words',
    algorithm: 'MD5',
    confirmation_key_expires: '2099-01-01 00:00:00',
  });
  const create = (username: string) => api.withKey(admin).post('/api/accounts', newAccount(username));

  /** Counts the other connections to the database of this test by their state, in the words of the server. */
  const sessions = async (condition: string): Promise<number> => {
    const [rows] = await other.query(
      `SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() AND ${condition}`,
    );
    return (rows as unknown[]).length;
  };
  const waitingForLocks = async (): Promise<number> => {
    const [rows] = await other.query(
      "SELECT trx_id FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id WHERE db = DATABASE() AND trx_state = 'LOCK WAIT'",
    );
    return (rows as unknown[]).length;
  };

  it('answers 503 in time to calls that need a locked row, and to no others', async () => {
    await other.query('START TRANSACTION');
    // The row is selected by its id, so no other row is locked.
    const [{ id }] = await api.sql('SELECT id FROM passwords WHERE account_id = ?', [alice.id]);
    await other.query('SELECT id FROM passwords WHERE id = ? FOR UPDATE', [id]);
    const { result, slowestPing } = await whilePinging(api, () => timed(() => setPassword('other words')));
    expect(result.answer).toMatchObject(UNAVAILABLE);
    expect(result.seconds).toBeLessThan(DB_TIMEOUT + SLACK);
    expect(slowestPing).toBeLessThan(1);
    expect((await api.withKey(alice).get('/api/accounts/me')).status).toBe(200);
    expect((await api.withDigest(await api.given.account()).get('/api/accounts/me')).status).toBe(200);
    await other.query('ROLLBACK');
    expect((await setPassword('other words')).status).toBe(200);
  });

  it('leaves nothing of a call whose statement outlives its answer, and gives its connection to nobody', async () => {
    const body = await registrationBody(api);
    await other.query('LOCK TABLES passwords WRITE');
    // The first call already has an account in its transaction; the second waits earlier, for its authentication.
    const waiting = [() => api.anonymous().post('/api/accounts/with-token', body), () => create('too.late')];
    for (const { answer, seconds } of await Promise.all(waiting.map(timed))) {
      expect(answer).toMatchObject(UNAVAILABLE);
      expect(seconds).toBeLessThan(DB_TIMEOUT + SLACK);
    }
    await other.query('UNLOCK TABLES');
    await until(async () => (await sessions("info LIKE '%passwords%'")) === 0);
    await until(async () => (await sessions("command = 'Query'")) === 0);
    expect(await api.count('accounts', 'username IN (?, ?)', [body.username, 'too.late'])).toBe(0);
    expect(await api.count('tokens', 'token = ? AND used = 1', [body.token])).toBe(0);
    expect((await api.anonymous().post('/api/accounts/with-token', body)).status).toBe(200);
    expect((await create('too.late')).status).toBe(200);
  });

  it.each([
    {
      what: 'statements of a transaction',
      tables: ['passwords', 'activation_expirations'],
      as: () => api.withKey(admin),
    },
    { what: 'transactions of a call', tables: ['nonces', 'passwords'], as: () => api.withDigest(admin) },
  ])('counts the time of all $what together', async ({ tables, as }) => {
    const username = api.given.unique('slow.one');
    const call = () => as().post('/api/accounts', newAccount(username));
    for (const table of tables) {
      await other.query(
        `CREATE TRIGGER slow_${table} BEFORE INSERT ON ${table} FOR EACH ROW SET @asleep = SLEEP(${DB_TIMEOUT * 0.7})`,
      );
    }
    try {
      const { answer, seconds } = await timed(call);
      expect(answer).toMatchObject(UNAVAILABLE);
      expect(seconds).toBeGreaterThan(DB_TIMEOUT * 0.9);
      expect(seconds).toBeLessThan(DB_TIMEOUT + SLACK);
      await until(async () => (await sessions("command = 'Query'")) === 0);
      expect(await api.count('accounts', 'username = ?', [username])).toBe(0);
    } finally {
      for (const table of tables) await other.query(`DROP TRIGGER slow_${table}`);
    }
    expect((await call()).status).toBe(200);
  });

  it('keeps no call waiting for longer where all connections are taken, and has them all afterwards', async () => {
    await other.query('LOCK TABLES accounts WRITE');
    const calls = range(40).map(() => () => api.anonymous().get(`/api/accounts/${alice.sip}/info`));
    const { result, slowestPing } = await whilePinging(api, () => Promise.all(calls.map(timed)));
    expect(tally(result.map(({ answer }) => answer))).toEqual({ '503 database_unavailable': 40 });
    expect(Math.max(...result.map(({ seconds }) => seconds))).toBeLessThan(DB_TIMEOUT + SLACK);
    expect(slowestPing).toBeLessThan(1);
    await other.query('UNLOCK TABLES');
    expect((await untilServed(() => api.anonymous().get(`/api/accounts/${alice.sip}/info`))).answer.status).toBe(200);
    // Ten callers hold a connection at the same time, so none was lost.
    const held = range(10).map(() =>
      api.app.get(Transactions).run(async (manager) => {
        await manager.query('SELECT SLEEP(0.5)');
        return sessions("info LIKE 'SELECT SLEEP%'");
      }),
    );
    await until(async () => (await sessions("info LIKE 'SELECT SLEEP%'")) === 10);
    await Promise.all(held);
  });

  it('runs a call again whose transaction was ended for the sake of another', async () => {
    const counter = "SELECT `COUNT` AS n FROM information_schema.innodb_metrics WHERE name = 'lock_deadlocks'";
    const deadlocks = async () => Number((await api.sql(counter))[0].n);
    const before = await deadlocks();
    // Two passwords are replaced in one transaction.
    const bob = await api.given.account({ stored: ['MD5', 'SHA-256'] });
    await other.query('START TRANSACTION');
    // The server rolls back the transaction that has changed fewer rows.
    await other.query(
      "INSERT INTO tokens (token, pn_provider, pn_param, pn_prid) SELECT id, 'fcm', 'project', id FROM accounts",
    );
    await other.query('SELECT id FROM passwords WHERE account_id = ? FOR UPDATE', [bob.id]);
    const changed = setPassword('other words', bob);
    await untilInnodb(async () => (await waitingForLocks()) > 0);
    await other.query('SELECT id FROM accounts WHERE id = ? FOR UPDATE', [bob.id]);
    await other.query('ROLLBACK');
    expect((await changed).status).toBe(200);
    expect(await deadlocks()).toBeGreaterThan(before);
    expect((await api.withDigest(bob, 'SHA-256', 'other words').get('/api/accounts/me')).status).toBe(200);
  });

  it('lets all of many pass that lock the same rows in opposite orders', async () => {
    const [one, two] = [await api.given.account(), await api.given.account()];
    const transactions = api.app.get(Transactions);
    const work = (ids: number[]) => (): Promise<void> =>
      transactions.run(async (manager) => {
        for (const id of ids)
          await manager.query('UPDATE accounts SET email = CONCAT(COALESCE(email, ""), "x") WHERE id = ?', [id]);
      });
    const both = range(8).map((n) => work(n % 2 === 0 ? [one.id, two.id] : [two.id, one.id]));
    await Promise.all(both.map((run) => run()));
    for (const { id } of [one, two])
      expect((await api.sql('SELECT email FROM accounts WHERE id = ?', [id]))[0].email).toBe('x'.repeat(8));
  });

  it('is unavailable to a transaction whose connection was ended between two statements', async () => {
    const work = api.app.get(Transactions).run(async (manager) => {
      const [{ id }] = await manager.query('SELECT CONNECTION_ID() AS id');
      await other.query(`KILL ${id}`);
      await until(async () => (await sessions(`id = ${id}`)) === 0);
      await manager.query('SELECT 1');
    });
    const failure: unknown = await work.catch((error: unknown) => error);
    expect(String(failure)).toMatch(/closed state|Connection lost|Connection was killed/);
    expect(isUnavailable(failure)).toBe(true);
    expect((await api.withKey(alice).get('/api/accounts/me')).status).toBe(200);
  });
});
