import { Api, type Client } from '../support/api.js';
import type { Answer } from '../support/http.js';
import { range } from '../support/public-routes.js';

const PATH = '/api/accounts';

describe('GET /accounts, while accounts are created and deleted', () => {
  let api: Api;
  let admin: Client;

  beforeAll(async () => {
    api = await Api.start();
    admin = api.withKey(await api.given.admin());
  });
  afterAll(() => api.stop());

  const body = () => ({ username: api.given.unique('newcomer'), password: 'secret words', algorithm: 'MD5' });
  const totalOf = async () => Number((await admin.get(PATH)).json.total);

  it('says at least how many there were when it was asked, and at most how many there can be when it answers', async () => {
    const before = await api.count('accounts');
    const creations = { asked: before, answered: before };
    const deletions = { asked: 0, answered: 0 };
    const count = async (counts: { asked: number; answered: number }, call: () => Promise<Answer>) => {
      counts.asked += 1;
      const answer = await call();
      expect(answer.status).toBe(200);
      counts.answered += 1;
      return answer;
    };
    const create = async () => {
      for (const turn of range(20)) {
        const { json } = await count(creations, () => admin.post(PATH, body()));
        if (turn % 4 === 0) await count(deletions, () => admin.delete(`${PATH}/${json.id}`));
      }
    };
    const over = new AbortController();
    const wrong: object[] = [];
    const list = async () => {
      while (!over.signal.aborted) {
        const [created, deleted] = [creations.answered, deletions.answered];
        const total = await totalOf();
        const [least, most] = [created - deletions.asked, creations.asked - deleted];
        if (total < least || total > most) wrong.push({ least, total, most });
      }
    };
    const lists = range(4).map(list);
    await Promise.all(range(12).map(create));
    over.abort();
    await Promise.all(lists);
    expect(wrong).toEqual([]);
  }, 60_000);
});
