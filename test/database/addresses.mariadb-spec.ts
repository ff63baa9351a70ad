import { Api } from '../support/api.js';
import { CLOSED, FULL, GOOD, HOST, resolveTo } from '../support/external/two-addresses.js';
import { FullListener } from '../support/external/full-listener.js';
import { createDatabase } from '../support/test-database.js';

/** Milliseconds after which an address answers that is slow; a client of Linux tries again after a second. */
const SLOW = 500;

describe('A database host with two addresses', () => {
  it.each([
    ['slow, where the second cannot be reached', [FULL, CLOSED], true],
    ['one that never answers, where the second does', [FULL, GOOD], false],
  ] as const)('is reached within DB_TIMEOUT: the first is %s', async (_name, addresses, isSlow) => {
    const database = await createDatabase();
    const listener = await FullListener.start(FULL, Number(database.environment.DB_PORT));
    const lookup = resolveTo(addresses);
    if (isSlow) setTimeout(() => listener.answer(), SLOW);
    // What NEIGHBOUR_TIMEOUT allows an address is nearly all that the database may take.
    const api = await Api.start({ database, environment: { DB_HOST: HOST, DB_TIMEOUT: '6', NEIGHBOUR_TIMEOUT: '12' } });
    try {
      expect((await api.send({ path: '/health/ready' })).status).toBe(200);
    } finally {
      await api.stop();
      lookup.mockRestore();
      await listener.stop();
      await database.remove();
    }
  });
});
