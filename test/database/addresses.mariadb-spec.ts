import { Api } from '../support/api.js';
import { CLOSED, FULL, GOOD, HOST, resolveTo } from '../support/external/two-addresses.js';
import { FullListener } from '../support/external/full-listener.js';
import { createDatabase } from '../support/test-database.js';

/** Milliseconds before the slow address answers. A Linux client retries after a second. */
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
    // The time that NEIGHBOUR_TIMEOUT gives an address is nearly the whole time for the database.
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
