import type { Api } from '../support/api.js';
import { openConnections } from '../support/connections.js';
import { DigestClient, parseChallenge } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, ME } from '../support/http.js';
import { range } from '../support/public-routes.js';
import { WINDOW } from '../../src/auth/nonces/nonce-store.js';

/** An account that authenticates by Digest with its own nonce and with counts that the test chooses. */
export class Counter {
  private constructor(
    private readonly api: Api,
    readonly account: GivenAccount,
    private readonly client: DigestClient,
  ) {}

  /** Creates one with a nonce of the current time. */
  static async of(api: Api, account: GivenAccount): Promise<Counter> {
    return new Counter(api, account, await DigestClient.start(api, account));
  }

  headerFor(nc: number): string {
    return this.client.authorizeAs(nc);
  }

  get challenge(): DigestClient['challenge'] {
    return this.client.challenge;
  }

  send(authorization: string, api = this.api): Promise<Answer> {
    return api.send({ path: ME, headers: { from: this.account.from, authorization } });
  }

  use(nc: number): Promise<Answer> {
    return this.send(this.headerFor(nc));
  }

  async statuses(counts: number[]): Promise<number[]> {
    const seen: number[] = [];
    for (const nc of counts) seen.push((await this.use(nc)).status);
    return seen;
  }
}

/** Tests that hold for every nonce store. */
export function testCounts(getApi: () => Api): void {
  let api: Api;
  let alice: GivenAccount;
  let counter: Counter;

  beforeAll(async () => {
    api = getApi();
    alice = await api.given.account();
  });
  beforeEach(async () => {
    // A nonce of the moment in which the store begins is not accepted.
    api.clock.advance(2);
    counter = await Counter.of(api, alice);
  });

  it('can be used many times with growing counts', async () => {
    expect(await counter.statuses([1, 2, 3, 10, 200])).toEqual([200, 200, 200, 200, 200]);
  });

  it('is refused as replayed, and stale, when a count comes again', async () => {
    const header = counter.headerFor(1);
    expect((await counter.send(header)).status).toBe(200);
    const replay = await counter.send(header);
    expect(replay).toMatchObject({
      status: 401,
      json: { code: 'nonce_replayed', message: expect.stringContaining('Nonce replayed') as string },
    });
    expect(replay.challenges.map(parseChallenge)[0]?.stale).toBe(true);
    expect((await counter.use(1)).status).toBe(401);
    expect((await counter.use(2)).status).toBe(200);
  });

  it('takes counts out of order within 64 of the highest, each once', async () => {
    expect(await counter.statuses([100, 37, 36, 37, 99, 99, 100])).toEqual([200, 200, 401, 401, 200, 401, 401]);
  });

  it('moves its window exactly', async () => {
    expect(await counter.statuses([1, 64, 1, 65, 1, 2, 2])).toEqual([200, 200, 401, 200, 401, 200, 401]);
    expect(await counter.statuses([1000, 937, 936, 65])).toEqual([200, 200, 401, 401]);
  });

  it('knows every count of its window, whichever of them have been used', async () => {
    const used = new Set<number>();
    let highest = 0;
    const expected: number[] = [];
    // A fixed sequence without a regular pattern: up to twice the window below the highest count, and up to seven above
    // it.
    const counts = range(500).map((index) => {
      const count = Math.max(1, highest + 7 - ((index * 7919) % 134));
      const isFresh = !used.has(count) && count > highest - WINDOW;
      expected.push(isFresh ? 200 : 401);
      if (isFresh) used.add(count);
      highest = Math.max(highest, count);
      return count;
    });
    expect(new Set(expected)).toEqual(new Set([200, 401]));
    expect(await counter.statuses(counts)).toEqual(expected);
  });

  it('counts to ffffffff', async () => {
    expect(await counter.statuses([0x7fffffff, 0x80000000, 0xffffffff, 0xffffffff, 0xffffffc0, 0xffffffbf, 1])).toEqual(
      [200, 200, 200, 401, 200, 401, 401],
    );
  });

  it('takes one of 40 copies sent at once, in each of five rounds', async () => {
    const parallel = <T>(call: (index: number) => Promise<T>) =>
      Promise.all(Array.from({ length: 40 }, (_, index) => call(index)));
    await openConnections(api);
    for (const count of [1, 2, 3, 4, 5]) {
      const header = counter.headerFor(count);
      const answers = await parallel(() => counter.send(header));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(39);
    }
  });

  it('takes all of 40 different counts sent at once', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => counter.use(index + 1)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
  });

  it('is not spent by a wrong password', async () => {
    const wrong = new DigestClient(counter.challenge, { ...alice, password: 'wrong' }).authorize();
    expect((await counter.send(wrong)).status).toBe(401);
    expect((await counter.use(1)).status).toBe(200);
  });
}
