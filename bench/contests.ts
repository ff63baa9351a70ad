import { DigestCaller } from './digest-caller.js';
import type { Exchange, Surroundings } from './exchange.js';
import { DOMAIN, PASSWORD } from './population.js';
import { newName } from './routes/writes.js';

/** A contest: many requests at the same time, of which exactly one may succeed. */
export interface Contest {
  readonly name: string;
  /** The requests of one round. */
  rivals(surroundings: Surroundings, count: number): Promise<Omit<Exchange, 'isRight'>[]>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const ME = '/api/accounts/me';

const replay: Contest = {
  name: 'one answer to a challenge, sent again and again',
  rivals: async (surroundings, count) => {
    const caller = await DigestCaller.ready(surroundings, surroundings.population.any());
    const headers = caller.headers('GET', ME);
    return Array.from({ length: count }, () => ({ method: 'GET', path: ME, headers }));
  },
};

const username: Contest = {
  name: 'one username',
  rivals: async ({ population }, count) => {
    const { administrator } = population;
    const headers = { from: `sip:${administrator.sip}`, 'x-api-key': population.keyOf(administrator), ...JSON_TYPE };
    const body = JSON.stringify({ username: newName(), password: PASSWORD, algorithm: 'MD5', domain: DOMAIN });
    return Array.from({ length: count }, () => ({ method: 'POST', path: '/api/accounts', headers, body }));
  },
};

const token: Contest = {
  name: 'one account creation token',
  rivals: async ({ tokens }, count) => {
    await tokens.prepare(1);
    const contested = tokens.next();
    return Array.from({ length: count }, () => {
      const account = { username: newName(), password: PASSWORD, algorithm: 'MD5', token: contested };
      return { method: 'POST', path: '/api/accounts/with-token', headers: JSON_TYPE, body: JSON.stringify(account) };
    });
  },
};

export const contests: readonly Contest[] = [replay, username, token];

/**
 * Runs a number of rounds of a contest.
 *
 * @returns the number of requests, and the number of rounds without exactly one winner.
 */
export async function hold(
  contest: Contest,
  surroundings: Surroundings,
  rounds: number,
  rivals: number,
): Promise<{ sent: number; wrong: number }> {
  let wrong = 0;
  for (let round = 0; round < rounds; round += 1) {
    const requests = await contest.rivals(surroundings, rivals);
    const answers = await Promise.all(requests.map((request) => surroundings.send(request)));
    const winners = answers.filter(({ status }) => status === 200).length;
    const losers = answers.filter(({ status }) => status === 401 || status === 422).length;
    if (winners !== 1 || losers !== rivals - 1) wrong += 1;
  }
  return { sent: rounds * rivals, wrong };
}
