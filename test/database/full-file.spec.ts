import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { until } from '../support/until.js';
import { createFile } from '../support/test-database.js';

describe('An embedded database that cannot grow', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ database: createFile() });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const create = (): Promise<Answer> => {
    const username = api.given.unique('newcomer');
    return api.withKey(admin).post('/api/accounts', {
      username,
      password: 'secret words',
      algorithm: 'MD5',
      phone: api.given.unique('+33612'),
    });
  };
  const readiness = async (): Promise<number> => (await api.send({ path: '/health/ready' })).status;

  it('refuses what it has no room for with 503, serves the rest, leaves nothing half-done, and goes on when there is room', async () => {
    const [{ page_count: pages }] = await api.sql('PRAGMA page_count');
    await api.sql(`PRAGMA max_page_count = ${pages}`);
    let answer = await create();
    for (let made = 0; answer.status === 200 && made < 1_000; made++) answer = await create();
    expect(answer).toMatchObject({
      status: 503,
      json: { code: 'database_unavailable' },
      headers: { 'retry-after': '5' },
    });
    expect((await api.withKey(admin).get('/api/accounts/me')).status).toBe(200);
    await until(async () => (await readiness()) === 503);
    expect(await api.count('accounts', 'id NOT IN (SELECT account_id FROM passwords)')).toBe(0);

    await api.sql('PRAGMA max_page_count = 1000000');
    const { status, json } = await create();
    expect(status).toBe(200);
    // Reads use a connection of their own, which sees committed data.
    expect((await api.withKey(admin).get(`/api/accounts/${json.id}`)).status).toBe(200);
    await until(async () => (await readiness()) === 200);
  });
});
