import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';

/** More than are counted anew on each call. */
const MANY = 2_500;
const PATH = '/api/accounts';

describe('GET /accounts, where there are many', () => {
  let api: Api;
  let admin: GivenAccount;
  let ids: number[];

  /** As another process adds accounts: not every id is there. */
  const addAsAnother = async (count: number, firstId: number) => {
    const rows = Array.from({ length: count }, (_, index) => firstId + index * 3);
    for (let first = 0; first < count; first += 500) {
      const some = rows.slice(first, first + 500);
      const values = some.map(
        (id) => `(${id}, 'many${id}', 'sip.example.org', 1, '192.0.2.1', 'x', '2026-01-01 00:00:00')`,
      );
      await api.sql(
        `INSERT INTO accounts (id, username, domain, activated, ip_address, user_agent, creation_time) VALUES ${values.join(', ')}`,
        [],
      );
    }
    return rows;
  };

  const list = async (page: number, perPage = 100) =>
    (await api.withKey(admin).get(`${PATH}?page=${page}&per_page=${perPage}`)).json;
  const idsOf = ({ data }: { data: { id: number }[] }) => data.map(({ id }) => id);

  const allPages = async () => {
    const found: number[] = [];
    for (let page = 1, last = 1; page <= last; page += 1) {
      const json = await list(page);
      last = json.last_page;
      found.push(...idsOf(json));
    }
    return found;
  };

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    admin = await api.given.admin();
    ids = [admin.id, ...(await addAsAnother(MANY, admin.id + 1_000))];
  });
  afterAll(() => api.stop());

  it('gives each of them once, in order, over all pages', async () => {
    expect(await allPages()).toEqual(ids);
  });

  it('has what this process creates at once, on the last page', async () => {
    const { total } = await list(1);
    const { json: created } = await api
      .withKey(admin)
      .post(PATH, { username: 'newest', domain: 'sip.example.org', password: 'a password', algorithm: 'SHA-256' });
    ids.push(created.id);
    const last = await list(Math.ceil((total + 1) / 100));
    expect(last.total).toBe(total + 1);
    expect(idsOf(last).at(-1)).toBe(created.id);
    expect(await allPages()).toEqual(ids);
  });

  it('no longer has what this process deleted', async () => {
    const { total } = await list(1);
    const [gone] = ids.splice(1_200, 1);
    expect((await api.withKey(admin).delete(`${PATH}/${gone}`)).status).toBe(200);
    expect((await list(1)).total).toBe(total - 1);
    expect(await allPages()).toEqual(ids);
  });

  it('never shows more accounts than it says there are, and soon has those that others created', async () => {
    const before = (await list(1)).total;
    const added = await addAsAnother(250, Number(ids.at(-1)) + 10);
    let json = await list(1);
    while (json.total === before) {
      const last = await list(json.last_page);
      expect(last.to).toBeLessThanOrEqual(last.total);
      json = await list(1);
    }
    expect(json.total).toBe(before + added.length);
    expect(await allPages()).toEqual([...ids, ...added]);
  });
});
