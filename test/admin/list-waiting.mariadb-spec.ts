import { DatabasePool } from '../../src/database/database-pool.js';
import { Transactions } from '../../src/database/transactions.js';
import { Api } from '../support/api.js';
import { until } from '../support/until.js';
import { range } from '../support/public-routes.js';

const PATH = '/api/accounts';
/** How many connections the service has. */
const CONNECTIONS = 10;

describe('GET /accounts, which waits for a connection to the database', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  /** Holds all connections. */
  const holdConnections = async () => {
    const { current: pool } = api.app.get(DatabasePool);
    if (!pool) throw new Error('there is no pool');
    const hold = () => {
      let letGo = () => {};
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      const held = api.app.get(Transactions).run(() => gate);
      return { letGo: () => (letGo(), held) };
    };
    const [one, ...others] = range(CONNECTIONS).map(hold);
    await until(() => pool.usage.in_use === CONNECTIONS);
    return {
      waiting: (count: number) => until(() => pool.usage.waiting === count),
      letOne: () => one?.letGo(),
      letOthers: () => Promise.all(others.map(({ letGo }) => letGo())),
    };
  };

  it('counts once what is committed while it waits', async () => {
    const admin = api.withKey(await api.given.admin());
    const before = await api.count('accounts');
    const body = { username: 'newcomer', password: 'secret words', algorithm: 'MD5' };
    const connections = await holdConnections();
    // The connection then serves in turn: the caller of the creation, the caller of the list, the creation, the list.
    const created = admin.post(PATH, body);
    await connections.waiting(1);
    const listed = admin.get(PATH);
    await connections.waiting(2);
    await connections.letOne();
    expect((await created).status).toBe(200);
    expect((await listed).json.total).toBe(before + 1);
    await connections.letOthers();
    expect((await admin.get(PATH)).json.total).toBe(before + 1);
  });
});
