import { Api } from '../support/api.js';
import { leaked } from '../support/logged.js';
import { until } from '../support/until.js';
import { ACTORS, type Actors, newActors, Victims } from './actors.js';
import { Connection } from './connection.js';
import { bytesOf, type Caller, type Input, makeInput } from './fuzz/inputs.js';
import { differencesToDocument, type Exchange, flawsOfAnswer, type Served, trespasses } from './fuzz/judgement.js';
import { Random } from './random.js';
import { report, sizes } from './sizes.js';

/** The number of requests that share their attackers. The database is checked after them. */
const BATCH = 500;
/** The number of connections that send requests at the same time. */
const LANES = 8;

describe('A random request', () => {
  let api: Api;
  let victims: Victims;
  const statuses: Record<number, number> = {};
  const seen = { requests: 0, routes: new Set<string>() };

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    victims = await Victims.create(api);
  });
  afterAll(async () => {
    report('fuzz', {
      seed: sizes.seed,
      requests: seen.requests,
      'routes that answered 2xx': seen.routes.size,
      ...statuses,
    });
    await api.stop();
  });

  /** Sends all requests of a batch, one at a time on each connection. */
  async function sendAll(
    first: number,
    inputs: readonly Input[],
    trouble: (what: string, number: number) => void,
  ): Promise<Exchange[]> {
    const exchanges: Exchange[] = [];
    let next = 0;
    const lane = async () => {
      let connection = await Connection.open(api.origin);

      for (let index = next++; index < inputs.length; index = next++) {
        const [number, input] = [first + index, inputs[index] as Input];
        if (!connection.isOpen) connection = await Connection.open(api.origin);
        try {
          const answer = await connection.exchange(bytesOf(input, `fuzz-${number}`), input.method === 'HEAD');
          exchanges.push({ number, input, answer });
        } catch (error) {
          trouble((error as Error).message, number);
          connection.close();
        }
        if (input.endsConnection) connection.close();
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return exchanges;
  }

  /** The log entries since the last call, once they contain all successful requests. */
  async function takeServed(exchanges: readonly Exchange[]): Promise<Served[]> {
    const succeeded = exchanges.filter(({ answer }) => answer.status < 300).length;
    const lines = () => api.log.map((line) => JSON.parse(line) as Served & { msg: string });
    await until(() => lines().filter(({ msg, status }) => msg === 'request' && status < 300).length >= succeeded);
    return lines().filter(({ msg }) => msg === 'request');
  }

  /** The fewest and the most rows that the answers allow. A token may be pushed again, and an account replaced. */
  const expectedRows = (served: readonly Served[]) => {
    const successes = (...routes: string[]) =>
      served.filter(({ method, route, status }) => status < 300 && routes.includes(`${method} ${route}`)).length;
    const accounts =
      successes('POST /api/accounts', 'POST /api/accounts/with-token') -
      successes('DELETE /api/accounts/me', 'DELETE /api/accounts/:id');
    const tokens = successes('POST /api/tokens', 'POST /api/account_creation_tokens');
    return {
      accounts: [accounts, accounts + successes('POST /api/accounts/with-account-creation-token')],
      tokens: [tokens, tokens + successes('POST /api/account_creation_tokens/send-by-push')],
    } as const;
  };

  async function checkBatch(first: number, count: number): Promise<string[]> {
    const actors: Actors = await newActors(api);
    const tokens = await Promise.all(Array.from({ length: 10 }, () => api.given.token()));
    api.log.length = 0;
    const before = { accounts: await api.count('accounts'), tokens: await api.count('tokens') };
    const inputs = Array.from({ length: count }, (_, index) =>
      makeInput(new Random(sizes.seed, first + index), { actors, victims, tokens }),
    );
    const flaws: string[] = [];
    const tell = (what: string, number: number) => {
      const input = inputs[number - first] as Input;
      flaws.push(`${number}, ${input.caller}: ${what}\n${bytesOf(input, '').toString('latin1').slice(0, 2_000)}`);
    };
    const exchanges = await sendAll(first, inputs, tell);
    const callers = new Map<string, Caller[]>();
    for (const exchange of exchanges) {
      const { status, headers } = exchange.answer;
      statuses[status] = (statuses[status] ?? 0) + 1;
      const id = headers['x-request-id']?.[0] ?? '';
      callers.set(id, [...(callers.get(id) ?? []), exchange.input.caller]);
      for (const flaw of [...flawsOfAnswer(exchange, victims.secrets), ...differencesToDocument(exchange)])
        tell(flaw, exchange.number);
    }
    seen.requests += count;
    const served = await takeServed(exchanges);
    for (const { method, route, status } of served) if (status < 300) seen.routes.add(`${method} ${route}`);
    flaws.push(...trespasses(served, callers), ...(await victims.damage(api)), ...logFlaws(actors));
    const expected = expectedRows(served);
    const grown = {
      accounts: (await api.count('accounts')) - before.accounts,
      tokens: (await api.count('tokens')) - before.tokens,
    };
    const isWithin = (name: 'accounts' | 'tokens') =>
      grown[name] >= expected[name][0] && grown[name] <= expected[name][1];
    if (!isWithin('accounts') || !isWithin('tokens')) {
      flaws.push(`rows were answered for: ${JSON.stringify(expected)}, and there are: ${JSON.stringify(grown)}`);
    }
    return flaws;
  }

  function logFlaws(actors: Actors): string[] {
    const faults = api.log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);
    const keys = ACTORS.map((name) => actors[name]).flatMap(({ account }) => [account.apiKey ?? '', account.password]);
    return [
      ...faults,
      ...leaked(api, ...victims.secrets.filter((secret) => !/^\d{4}$/.test(secret)), ...keys).map(
        (secret) => `logged ${secret}`,
      ),
    ];
  }

  it(
    `is refused, or right, ${sizes.fuzzInputs} times, and touches nobody else (SECURITY_SEED=${sizes.seed})`,
    async () => {
      for (let first = 0; first < sizes.fuzzInputs; first += BATCH) {
        const flaws = await checkBatch(first, Math.min(BATCH, sizes.fuzzInputs - first));
        if (flaws.length > 0)
          throw new Error(`SECURITY_SEED=${sizes.seed}, ${flaws.length} flaws:\n\n${flaws.slice(0, 5).join('\n\n')}`);
        expect((await api.anonymous().get('/api/ping')).text).toBe('pong');
      }
    },
    600_000 + sizes.fuzzInputs * 20,
  );

  it('is often right: requests that are always refused would find nothing', () => {
    const few = Math.min(15, Math.floor(sizes.fuzzInputs / 300));
    expect(seen.routes.size).toBeGreaterThanOrEqual(few);
    expect(Object.keys(statuses)).toEqual(
      expect.arrayContaining(
        sizes.fuzzInputs < 5_000 ? ['200'] : ['200', '400', '401', '403', '404', '405', '413', '415', '422'],
      ),
    );
  });
});
