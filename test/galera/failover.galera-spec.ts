import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { sendRequest } from '../support/http.js';
import { PrivateGalera } from '../support/private-galera.js';
import { range } from '../support/public-routes.js';
import { type Timed, timed, untilServed } from '../support/timed-calls.js';
import { tally } from '../support/refusal.js';
import { createOnCluster } from '../support/test-database.js';
import { CALLS, type Captured, challengeFrom, sign } from '../security/replays.js';
import { until } from '../support/until.js';

/** Seconds in which an affected call is answered, and in which everything works again once the cluster does. */
const MOST = { toAnswer: 10, toRecover: 45 };

jest.setTimeout(240_000);

describe('Two instances on two nodes of a Galera cluster', () => {
  let cluster: PrivateGalera;
  let api: Api;
  let admin: GivenAccount;
  /** Each time that it is asked, `api.origin` is that of the next instance. */
  let origins: readonly string[];

  beforeAll(async () => {
    cluster = await PrivateGalera.start();
    api = await Api.start({ database: await createOnCluster(cluster.nodes.map(({ access }) => access)) });
    admin = await api.given.admin({ stored: ['MD5', 'SHA-256'] });
    origins = [api.origin, api.origin];
  });
  afterAll(async () => {
    await api.stop();
    await cluster.stop();
  });

  const create = (username: string) =>
    api.withKey(admin).post('/api/accounts', {
      username,
      password: 'secret words',
      algorithm: 'MD5',
      phone: api.given.unique('+33612'),
    });
  const ready = async (): Promise<number[]> => {
    const answers = await Promise.all(origins.map((origin) => sendRequest(origin, { path: '/health/ready' })));
    return answers.map(({ status }) => status);
  };
  const untilBothReady = () =>
    until(async () => (await ready()).every((status) => status === 200), { seconds: MOST.toRecover, pause: 200 });

  it('lose nothing that was acknowledged, and take no call twice, when a node is killed under load', async () => {
    const acknowledged: string[] = [];
    const taken: Captured[] = [];
    const results: Timed[] = [];
    const over = new AbortController();
    const client = async (_: unknown, index: number) => {
      while (!over.signal.aborted) {
        const username = api.given.unique('newcomer');
        const result = await timed(() => create(username));
        if (result.answer.status === 200) acknowledged.push(username);
        results.push(result);
        const origin = origins[index % 2] as string;
        const signed = await challengeFrom(origin, admin).then(
          (challenge) => sign(challenge, admin, CALLS[0] as (typeof CALLS)[number]),
          () => null,
        );
        if (signed && (await sendRequest(origin, signed.request)).status === 200) taken.push(signed);
      }
    };
    const load = Promise.all(range(12).map(client));
    const untilAcknowledged = (count: number) => until(() => acknowledged.length >= count, { seconds: MOST.toRecover });
    await untilAcknowledged(30);
    await cluster.node(1).crash();
    // The instance on the other node goes on, as soon as the cluster has found out.
    await untilAcknowledged(acknowledged.length + 30);
    expect((await ready())[1]).toBe(503);
    await cluster.rejoin(1);
    await untilBothReady();
    await untilAcknowledged(acknowledged.length + 30);
    over.abort();
    await load;

    expect(Object.keys(tally(results.map(({ answer }) => answer))).toSorted()).toEqual([
      '200',
      '503 database_unavailable',
    ]);
    expect(Math.max(...results.map(({ seconds }) => seconds))).toBeLessThan(MOST.toAnswer);
    for (const origin of origins) {
      const known = await Promise.all(
        acknowledged.map((name) => sendRequest(origin, { path: `/api/accounts/${name}@sip.example.org/info` })),
      );
      expect(tally(known)).toEqual({ 200: acknowledged.length });
      const replayed = await Promise.all(taken.map(({ request }) => sendRequest(origin, request)));
      expect(replayed.filter(({ status }) => status !== 401)).toEqual([]);
    }
    expect(taken.length).toBeGreaterThan(20);
    expect(await api.count('accounts', 'id NOT IN (SELECT account_id FROM passwords)')).toBe(0);
  });

  it('answer 503 while their nodes have lost the majority of the cluster, and serve again as soon as it is back', async () => {
    await untilBothReady();
    const before = await api.count('accounts');
    // The first node is left alone, and takes no part in what the others might decide.
    cluster.node(1).freeze();
    cluster.node(2).freeze();
    const results: Timed[] = [];
    for (const end = performance.now() + 20_000; performance.now() < end;) {
      results.push(...(await Promise.all(range(6).map(() => timed(() => create(api.given.unique('lonely')))))));
    }
    const refused = results.filter(({ answer }) => answer.status !== 200);
    expect(Object.keys(tally(refused.map(({ answer }) => answer)))).toEqual(['503 database_unavailable']);
    expect(Math.max(...results.map(({ seconds }) => seconds))).toBeLessThan(MOST.toAnswer);
    expect(await ready()).toEqual([503, 503]);
    cluster.node(1).thaw();
    cluster.node(2).thaw();
    await untilBothReady();
    expect((await untilServed(() => create('afterwards'))).answer.status).toBe(200);
    // A call that was answered 503 in place of its COMMIT may have been done; it is whole then.
    expect(await api.count('accounts')).toBeGreaterThanOrEqual(before + results.length - refused.length + 1);
    expect(await api.count('accounts', 'id NOT IN (SELECT account_id FROM passwords)')).toBe(0);
    expect(await api.count('accounts', 'phone IS NOT NULL AND id NOT IN (SELECT account_id FROM aliases)')).toBe(0);
  });
});
