import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import type { PrivateServer } from '../support/private-server.js';
import { range, registrationBody } from '../support/public-routes.js';
import { type Timed, timed, untilServed, whilePinging } from '../support/timed-calls.js';
import { tally } from '../support/refusal.js';
import { startServer } from '../support/start-server.js';
import { createOnServer } from '../support/test-database.js';
import { until } from '../support/until.js';

const UNAVAILABLE = { status: 503, json: { code: 'database_unavailable' }, headers: { 'retry-after': '5' } };

/**
 * Seconds within which an affected call is answered, and within which everything works again after the database is
 * back.
 */
const MOST = { toAnswer: 10, toRecover: 30 };

describe('A database that goes away', () => {
  let server: PrivateServer;
  let api: Api;
  let alice: GivenAccount;
  let admin: GivenAccount;

  const start = async (environment: Record<string, string> = {}) => {
    server = await startServer();
    api = await Api.start({
      database: await createOnServer(server.access),
      environment: { RATE_LIMITS: 'off', ...environment },
    });
    alice = await api.given.account();
    admin = await api.given.admin();
  };
  afterEach(async () => {
    await api.stop();
    await server.stop();
  });

  const create = (username: string) =>
    api.withKey(admin).post('/api/accounts', {
      username,
      password: 'secret words',
      algorithm: 'MD5',
      phone: api.given.unique('+33612'),
    });

  /** One call of each kind that reads or writes the database, with its usual status. */
  const calls = async (): Promise<{ call: () => Promise<Answer>; usual: number }[]> => {
    const body = await registrationBody(api);
    const prid = api.given.unique('device');
    return [
      { usual: 200, call: () => api.withKey(alice).get('/api/accounts/me') },
      { usual: 401, call: () => api.send({ path: '/api/accounts/me', headers: { from: alice.from } }) },
      { usual: 200, call: () => api.anonymous().get(`/api/accounts/${alice.sip}/info`) },
      {
        usual: 404,
        call: () => api.anonymous().post(`/api/accounts/${alice.sip}/activate/email`, { code: 'aaaaaaaaaaaaa' }),
      },
      {
        usual: 200,
        call: () => api.anonymous().post('/api/tokens', { pn_provider: 'fcm', pn_param: 'project', pn_prid: prid }),
      },
      { usual: 200, call: () => api.anonymous().post('/api/accounts/with-token', body) },
      { usual: 200, call: () => create(api.given.unique('newcomer')) },
      { usual: 200, call: () => api.withKey(admin).get('/api/accounts') },
    ];
  };

  const expectRefusedInTime = (results: readonly Timed[]) => {
    for (const { answer } of results) expect(answer).toMatchObject(UNAVAILABLE);
    expect(Math.max(...results.map(({ seconds }) => seconds))).toBeLessThan(MOST.toAnswer);
  };

  const expectRecovered = async () => {
    for (const { call, usual } of await calls()) {
      const { answer, seconds } = await untilServed(call);
      expect(answer.status).toBe(usual);
      expect(seconds).toBeLessThan(MOST.toRecover);
    }
    expect((await untilServed(() => api.send({ path: '/health/ready' }))).answer.json).toEqual({ status: 'ok' });
  };

  it('and does not answer for 15 s costs each call 503 within 10 s, and is used again as soon as it is back', async () => {
    await start();
    const before = await api.count('accounts');
    // More calls than connections: some hang with a connection, some while one is opened, and some wait in the queue.
    const affected = [...(await calls()), ...(await calls()), ...(await calls())];
    server.freeze();
    const thawed = new Promise((resolve) => setTimeout(resolve, 15_000)).then(() => server.thaw());
    const { result, slowestPing } = await whilePinging(api, () => Promise.all(affected.map(({ call }) => timed(call))));
    expectRefusedInTime(result);
    expect(slowestPing).toBeLessThan(2);
    expect(api.pushes.attempts).toBe(0);
    const ready = await timed(() => api.send({ path: '/health/ready' }));
    expect(ready.answer).toMatchObject({ status: 503, json: { status: 'unavailable' } });
    expect(ready.seconds).toBeLessThan(5);
    expect((await api.send({ path: '/health/live' })).status).toBe(200);

    await thawed;
    expect((await untilServed(() => create('afterwards'))).answer.status).toBe(200);
    expect(await api.count('accounts')).toBe(before + 1);
    await expectRecovered();
  }, 60_000);

  it('and is killed under load loses nothing that was acknowledged, and is used again as soon as it is back', async () => {
    await start();
    const acknowledged: string[] = [];
    const results: Timed[] = [];
    const over = new AbortController();
    const client = async () => {
      while (!over.signal.aborted) {
        const username = api.given.unique('newcomer');
        const result = await timed(() => create(username));
        if (result.answer.status === 200) acknowledged.push(username);
        results.push(result);
      }
    };
    const load = Promise.all(range(20).map(client));
    const { slowestPing } = await whilePinging(api, async () => {
      await until(() => acknowledged.length >= 50, { seconds: MOST.toRecover });
      await server.crash();
      const inFlight = results.length;
      await until(() => results.length >= inFlight + 50, { seconds: MOST.toRecover });
      await server.comeBack();
      expect((await untilServed(() => create('afterwards'))).seconds).toBeLessThan(MOST.toRecover);
      over.abort();
      await load;
    });
    expect(Object.keys(tally(results.map(({ answer }) => answer))).toSorted()).toEqual([
      '200',
      '503 database_unavailable',
    ]);
    expect(Math.max(...results.map(({ seconds }) => seconds))).toBeLessThan(MOST.toAnswer);
    expect(slowestPing).toBeLessThan(2);
    const names = await api.sql('SELECT username FROM accounts JOIN passwords ON account_id = accounts.id');
    expect(names.map(({ username }: { username: string }) => username)).toEqual(expect.arrayContaining(acknowledged));
    await expectRecovered();
  }, 60_000);
});
