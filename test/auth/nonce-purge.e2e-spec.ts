import { NoncePurgeService } from '../../src/auth/nonces/nonce-purge.service.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { whileRefusing } from '../support/refused-writes.js';

/** Seconds after which a nonce is forgotten: its lifetime, and twice what clocks may differ. */
const KEPT = 300 + 120;
/** Seconds the test itself may take. */
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
  const warnings = () => api.log.filter((line) => line.includes('Old nonces could not be removed'));

  it('are forgotten when no process can take them any more, and not before', async () => {
    await used('the newest', 0);
    await used('the last to stay', KEPT - MARGIN);
    await used('the first to go', KEPT + 1);
    await used('of a server that wrote no dates', null);
    expect(await purge.purge()).toBe(2);
    expect(await left()).toEqual(['the last to stay', 'the newest']);
  });

  it('are kept without a warning where none is old enough', async () => {
    expect(await purge.purge()).toBe(0);
    await used('the newest', 0);
    expect(await purge.purge()).toBe(0);
    expect(warnings()).toEqual([]);
  });

  it('are forgotten where there is only one', async () => {
    await used('the only one', 1000);
    expect(await purge.purge()).toBe(1);
    expect(await left()).toEqual([]);
  });

  it('are forgotten once where there are more than a batch, though two purges run at the same moment', async () => {
    await many(2_300);
    expect(await Promise.all([purge.purge(), purge.purge()])).toEqual([2_300, 0]);
    expect(await left()).toEqual([]);
  });

  it('stay when the database refuses, which is logged, and are forgotten the next time', async () => {
    await used('the old one', 1000);
    expect(await whileRefusing(api, 'DELETE', 'nonces', () => purge.purge())).toBe(0);
    expect(warnings()).toHaveLength(1);
    expect(await purge.purge()).toBe(1);
  });
});

describe('The purge of used nonces', () => {
  it('runs by itself each minute, and ends with the service', async () => {
    const set = jest.spyOn(global, 'setInterval');
    const clear = jest.spyOn(global, 'clearInterval');
    const api = await Api.start();
    const index = set.mock.calls.findIndex(([, interval]) => interval === 60_000);
    const [everyMinute] = set.mock.calls[index] ?? [];
    const account = await api.given.account();
    await api.sql("INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES (?, 'old', 1, ?)", [account.id, api.given.moment(-1000)]);

    (everyMinute as () => void)();
    const deadline = Date.now() + 10_000;
    while ((await api.count('nonces')) > 0 && Date.now() < deadline);
    expect(await api.count('nonces')).toBe(0);

    await api.stop();
    expect(clear.mock.calls.map(([timer]) => timer)).toContain(set.mock.results[index]?.value);
    set.mockRestore();
    clear.mockRestore();
  });
});
