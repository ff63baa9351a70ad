import { Api } from '../support/api.js';
import { openConnections } from '../support/connections.js';
import { answerChallenge, type ParsedChallenge, parseChallenge } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { NoncePurgeService } from '../../src/auth/nonces/nonce-purge.service.js';

const ME = '/api/accounts/me';

describe('A nonce and its counts', () => {
  let api: Api;
  let alice: GivenAccount;
  let asked: ParsedChallenge;

  beforeAll(async () => {
    api = await Api.start();
    alice = await api.given.account();
  });
  beforeEach(async () => {
    const answer = await api.send({ path: ME, headers: { from: alice.from } });
    asked = answer.challenges.map(parseChallenge)[0] as ParsedChallenge;
  });
  afterAll(() => api.stop());

  const headerFor = (nc: number) =>
    answerChallenge(asked, { username: alice.username, password: alice.password, method: 'GET', uri: ME, nc });
  const sendHeader = (authorization: string): Promise<Answer> => api.send({ path: ME, headers: { from: alice.from, authorization } });
  const use = (nc: number) => sendHeader(headerFor(nc));
  const statuses = async (counts: number[]) => {
    const seen: number[] = [];
    for (const nc of counts) seen.push((await use(nc)).status);
    return seen;
  };

  it('can be used many times with growing counts', async () => {
    expect(await statuses([1, 2, 3, 10, 200])).toEqual([200, 200, 200, 200, 200]);
  });

  it('is refused as replayed, and stale, when a count comes again', async () => {
    const header = headerFor(1);
    expect((await sendHeader(header)).status).toBe(200);
    const replay = await sendHeader(header);
    expect(replay).toMatchObject({
      status: 401,
      json: { code: 'nonce_replayed', message: expect.stringContaining('Nonce replayed') as string },
    });
    expect(replay.challenges.map(parseChallenge)[0]?.stale).toBe(true);
    expect((await use(1)).status).toBe(401);
    expect((await use(2)).status).toBe(200);
  });

  it('takes counts out of order within 64 of the highest, each once', async () => {
    expect(await statuses([100, 37, 36, 37, 99, 99, 100])).toEqual([200, 200, 401, 401, 200, 401, 401]);
  });

  it('moves its window exactly', async () => {
    expect(await statuses([1, 64, 1, 65, 1, 2, 2])).toEqual([200, 200, 401, 200, 401, 200, 401]);
    expect(await statuses([1000, 937, 936, 65])).toEqual([200, 200, 401, 401]);
  });

  it('counts to ffffffff', async () => {
    expect(await statuses([0x7fffffff, 0x80000000, 0xffffffff, 0xffffffff, 0xffffffc0, 0xffffffbf, 1])).toEqual([
      200, 200, 200, 401, 200, 401, 401,
    ]);
  });

  it('takes one of 40 copies sent at once, in each of five rounds', async () => {
    const parallel = <T>(call: (index: number) => Promise<T>) => Promise.all(Array.from({ length: 40 }, (_, index) => call(index)));
    await openConnections(api);
    for (const count of [1, 2, 3, 4, 5]) {
      const header = headerFor(count);
      const answers = await parallel(() => sendHeader(header));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(39);
    }
  });

  it('takes all of 40 different counts sent at once', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => use(index + 1)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
  });

  it('is not spent by a wrong password', async () => {
    const wrong = answerChallenge(asked, { username: alice.username, password: 'wrong', method: 'GET', uri: ME, nc: 1 });
    expect((await sendHeader(wrong)).status).toBe(401);
    expect((await use(1)).status).toBe(200);
  });

  it('takes a row of the 2021 server for the same nonce as it is', async () => {
    await api.sql('INSERT INTO nonces (account_id, nonce, nc) VALUES (?, ?, ?)', [alice.id, asked.nonce, 5]);
    // The 2021 server kept no window: what is below its count may come once.
    expect(await statuses([6, 6])).toEqual([200, 401]);
  });

  it('is forgotten by the service itself, in batches, once it can no longer be replayed', async () => {
    expect((await use(1)).status).toBe(200);
    const purge = api.app.get(NoncePurgeService);
    api.clock.advance(300);
    await purge.purge();
    expect(await api.count('nonces', 'nonce = ?', [asked.nonce])).toBe(1);
    const old = api.given.moment(-1000);
    for (let index = 0; index < 2100; index += 100) {
      const rows = Array.from({ length: 100 }, (_, n) => `(${alice.id}, 'old${index + n}', 1, '${old}')`);
      await api.sql(`INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES ${rows.join(', ')}`);
    }
    api.clock.advance(121);
    expect(await purge.purge()).toBeGreaterThanOrEqual(2101);
    expect(await api.count('nonces')).toBe(0);
    expect((await use(2)).json.code).toBe('nonce_invalid');
  });
});
