import { NoncePurgeService } from '../../src/auth/nonces/nonce-purge.service.js';
import { Api } from '../support/api.js';
import { PrivateMariadb } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { createOnServer } from '../support/test-database.js';
import { API_CALLS } from './api-calls.js';
import { PANEL_CALLS } from './panel-calls.js';

const CALLS = Object.values({ ...API_CALLS, ...PANEL_CALLS });

/** Calls at the same time. With the statements of each call, they need several connections. */
const AT_ONCE = 4;

describe('Prepared statements', () => {
  let mariadb: PrivateMariadb;
  let api: Api;

  beforeAll(async () => {
    mariadb = await PrivateMariadb.start();
    api = await Api.start({ database: await createOnServer(mariadb.access) });
  });
  afterAll(async () => {
    await api.stop();
    await mariadb.stop();
  });

  /** The number of prepared statements on the server, for all connections. Only the service uses this server. */
  const held = async (): Promise<number> => {
    const [{ Value }] = await api.sql("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'");
    return Number(Value);
  };

  /** Every call of the API and the panel, several at a time. */
  const mixedTraffic = async (): Promise<void> => {
    for (const prepare of CALLS) {
      const requests = await Promise.all(range(AT_ONCE).map(() => prepare(api)));
      await Promise.all(requests.map((request) => api.send(request)));
    }
  };

  /** Runs the purge on this number of expired nonces. */
  const purge = async (count: number): Promise<void> => {
    const { id } = await api.given.account();
    const rows = range(count).map((one) => `(${id}, 'old-${id}-${one}', 1, '2020-01-01 00:00:00')`);
    await api.sql(`INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES ${rows.join(', ')}`);
    await expect(api.app.get(NoncePurgeService).run()).resolves.toBeGreaterThanOrEqual(count);
  };

  it('grow neither with traffic nor with what the purge of nonces finds', async () => {
    await mixedTraffic();
    await purge(1);
    const before = await held();
    await mixedTraffic();
    for (const count of range(60)) await purge(count + 2);
    const grown = (await held()) - before;
    expect(before).toBeGreaterThan(0);
    // In the second round a connection may prepare a statement for the first time. If the purge had one text per number
    // of nonces, 60 statements would be added.
    expect(grown).toBeLessThan(30);
  }, 120_000);
});
