import { Transactions } from '../../src/database/transactions.js';
import { Api } from '../support/api.js';
import { openConnections } from '../support/connections.js';
import { Relay } from '../support/external/relay.js';
import { range } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

describe('A statement that takes longer than DB_TIMEOUT', () => {
  let database: TestDatabase;
  let relay: Relay;
  let api: Api;

  beforeEach(async () => {
    database = await createDatabase();
    const { DB_HOST: host = '', DB_PORT: port } = database.environment;
    relay = await Relay.start({ host, port: Number(port) });
    const environment = { DB_TIMEOUT: '1', DB_HOST: '127.0.0.1', DB_PORT: String(relay.port) };
    api = await Api.start({ database, environment });
  });
  afterEach(async () => {
    await api.stop();
    await relay.stop();
    await database.remove();
  });

  const sessions = async (): Promise<number[]> => {
    const rows = await api.sql('SELECT id FROM information_schema.processlist WHERE db = DATABASE()');
    return rows.map(({ id }: { id: number }) => Number(id));
  };

  it('closes its own connection only, and leaves the process ready', async () => {
    await openConnections(api);
    const before = await sessions();
    const late = api.app.get(Transactions).run((manager) => manager.query('SELECT SLEEP(3)'));
    await expect(late).rejects.toMatchObject({ driverError: { code: 'DATABASE_TIMEOUT' } });
    expect((await api.send({ path: '/health/ready' })).status).toBe(200);
    await openConnections(api);
    const after = await sessions();
    expect(before.filter((id) => after.includes(id)).length).toBeGreaterThanOrEqual(before.length - 1);
  });

  it('closes all connections where no other statement is answered either', async () => {
    const account = await api.given.account();
    const read = () => api.withKey(account).get('/api/accounts/me');
    await openConnections(api);
    relay.goDead();
    expect(tally([await read(), await read()])).toEqual({ '503 database_unavailable': 2 });
    for (const _ of range(12)) expect(tally([await read()])).toEqual({ 200: 1 });
  });
});
