import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { range } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { NoncePurgeService } from '../../src/auth/nonces/nonce-purge.service.js';
import { Counter, testCounts } from './nonce-counts.js';

describe.each(['database', 'memory'])('A nonce and its counts, remembered in: %s', (NONCE_STORE) => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { NONCE_STORE } });
  });
  afterAll(() => api.stop());

  testCounts(() => api);
});

describe('A nonce that is remembered in the database', () => {
  let api: Api;
  let alice: GivenAccount;
  let counter: Counter;

  beforeAll(async () => {
    api = await Api.start();
    alice = await api.given.account();
  });
  beforeEach(async () => {
    counter = await Counter.of(api, alice);
  });
  afterAll(() => api.stop());

  it('takes a row of the 2021 server for the same nonce as it is', async () => {
    await api.sql('INSERT INTO nonces (account_id, nonce, nc) VALUES (?, ?, ?)', [
      alice.id,
      counter.challenge.nonce,
      5,
    ]);
    // The 2021 server kept no window: each count below the stored one may come once.
    expect(await counter.statuses([6, 6])).toEqual([200, 401]);
  });

  it('serves a client that keeps it for thousands of calls, forty at a time', async () => {
    for (let first = 1; first <= 3_000; first += 40) {
      const answers = await Promise.all(range(40).map((index) => counter.use(first + index)));
      expect(tally(answers)).toEqual({ 200: 40 });
    }
  });

  it('is forgotten by the service itself, in batches, once it can no longer be replayed', async () => {
    expect((await counter.use(1)).status).toBe(200);
    const purge = api.app.get(NoncePurgeService);
    api.clock.advance(300);
    await purge.run();
    expect(await api.count('nonces', 'nonce = ?', [counter.challenge.nonce])).toBe(1);
    const old = api.given.moment(-1000);
    for (let index = 0; index < 2100; index += 100) {
      const rows = Array.from({ length: 100 }, (_, n) => `(${alice.id}, 'old${index + n}', 1, '${old}')`);
      await api.sql(`INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES ${rows.join(', ')}`);
    }
    api.clock.advance(121);
    expect(await purge.run()).toBeGreaterThanOrEqual(2101);
    expect(await api.count('nonces')).toBe(0);
    expect((await counter.use(2)).json.code).toBe('nonce_invalid');
  });
});

describe('A nonce that is remembered in the memory of the process', () => {
  let database: TestDatabase;
  let api: Api;
  let alice: GivenAccount;

  beforeAll(async () => {
    database = await createDatabase();
    api = await Api.start({ database, environment: { NONCE_STORE: 'memory' } });
    alice = await api.given.account();
    api.clock.advance(2);
  });
  afterAll(async () => {
    await api.stop();
    await database.remove();
  });

  it('is remembered for as long as it could be replayed, however many others come', async () => {
    const counter = await Counter.of(api, alice);
    expect(await counter.statuses([1])).toEqual([200]);
    for (const seconds of [200, 99]) {
      api.clock.advance(seconds);
      await (await Counter.of(api, alice)).use(1);
      expect((await counter.use(1)).json.code).toBe('nonce_replayed');
    }
    api.clock.advance(1);
    expect((await counter.use(1)).json.code).toBe('nonce_invalid');
  });

  it('writes nothing', async () => {
    expect(await api.count('nonces')).toBe(0);
  });

  it('is good for nothing, and stale, where the process began after it was made', async () => {
    const counter = await Counter.of(api, alice);
    const another = await Api.start({ database, environment: { NONCE_STORE: 'memory' } });
    const answer = await counter.send(counter.headerFor(1), another);
    await another.stop();
    expect(answer).toMatchObject({ status: 401, json: { code: 'nonce_replayed' } });
  });

  it('is unknown to a service that remembers elsewhere', async () => {
    const counter = await Counter.of(api, alice);
    const another = await Api.start({ database });
    const answer = await counter.send(counter.headerFor(1), another);
    await another.stop();
    expect(answer).toMatchObject({ status: 401, json: { code: 'nonce_invalid' } });
  });
});
