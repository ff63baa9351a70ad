import { NoncePurgeService } from '../../src/auth/nonces/nonce-purge.service.js';
import { JobRunner } from '../../src/jobs/job-runner.service.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { whileRefusing } from '../support/refused-writes.js';

/** Seconds after which a nonce is deleted: its lifetime, and twice the tolerated clock difference. */
const KEPT = 300 + 120;
/** Seconds that the test itself may take. */
const MARGIN = 5;

describe('Used nonces', () => {
  let api: Api;
  let alice: GivenAccount;
  let purge: NoncePurgeService;

  beforeAll(async () => {
    api = await Api.start();
    alice = await api.given.account();
    purge = api.app.get(NoncePurgeService);
  });
  beforeEach(async () => {
    await api.sql('DELETE FROM nonces');
    api.log.length = 0;
  });
  afterAll(() => api.stop());

  const used = (nonce: string, secondsAgo: number | null) =>
    api.sql('INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES (?, ?, 1, ?)', [
      alice.id,
      nonce,
      secondsAgo === null ? null : api.given.moment(-secondsAgo),
    ]);
  const many = async (count: number) => {
    const [moment, rows] = [api.given.moment(-1000), Array.from({ length: count }, (_, index) => index)];
    for (let index = 0; index < count; index += 100) {
      const values = rows.slice(index, index + 100).map((row) => `(${alice.id}, 'many${row}', 1, '${moment}')`);
      await api.sql(`INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES ${values.join(', ')}`);
    }
  };
  const left = async () => (await api.sql('SELECT nonce FROM nonces ORDER BY nonce')).map(({ nonce }) => String(nonce));
  const failures = () => api.log.filter((line) => line.includes('The job nonce-purge failed'));

  it('are forgotten when no process can take them any more, and not before', async () => {
    await used('the newest', 0);
    await used('the last to stay', KEPT - MARGIN);
    await used('the first to go', KEPT + 1);
    await used('of a server that wrote no dates', null);
    expect(await purge.run()).toBe(2);
    expect(await left()).toEqual(['the last to stay', 'the newest']);
  });

  it('are kept without a warning where none is old enough', async () => {
    expect(await purge.run()).toBe(0);
    await used('the newest', 0);
    expect(await purge.run()).toBe(0);
  });

  it('are forgotten where there is only one', async () => {
    await used('the only one', 1000);
    expect(await purge.run()).toBe(1);
    expect(await left()).toEqual([]);
  });

  it('are forgotten where there are more than a batch', async () => {
    await many(2_300);
    expect(await purge.run()).toBe(2_300);
    expect(await left()).toEqual([]);
  });

  it('are forgotten batch by batch, until a signal ends that', async () => {
    await many(2_300);
    expect(await purge.run(AbortSignal.abort())).toBe(1_000);
    expect(await purge.run(new AbortController().signal)).toBe(1_300);
  });

  it('are forgotten each minute by the service itself, and the next minute where the database refuses, which is logged', async () => {
    const runner = api.app.get(JobRunner);
    await used('the old one', 1000);
    await whileRefusing(api, 'DELETE', 'nonces', () => runner.runDue());
    expect(failures()).toHaveLength(1);
    expect(await left()).toEqual(['the old one']);
    for (const [seconds, names] of [
      [58, ['the old one']],
      [3, []],
    ] as const) {
      api.clock.advance(seconds);
      await runner.runDue();
      expect(await left()).toEqual(names);
    }
    expect(failures()).toHaveLength(1);
  });
});
