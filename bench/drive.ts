import autocannon from 'autocannon';
import type { AnswerHeaders, Exchange, NextExchange } from './exchange.js';

/** The result of requests over some seconds. */
export interface Driven {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds until the end of each response, in ascending order. */
  readonly times: readonly number[];
}

/**
 * Sends requests over each connection, one after the other, for a number of seconds.
 *
 * @param connections give each connection its requests.
 * @throws Error if a single response was wrong or a connection failed: wrong results are not measured.
 */
export async function drive(origin: string, connections: readonly NextExchange[], seconds: number): Promise<Driven> {
  const times: number[] = [];
  const wrong: string[] = [];
  const waiting = [...connections];
  const started = performance.now();
  const { errors, timeouts } = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: origin,
        connections: connections.length,
        duration: seconds,
        // Milliseconds between two checks whether the time is over.
        sampleInt: 100,
        setupClient: (client) => client.setRequests([requestsOf(waiting.shift() as NextExchange, wrong)]),
      },
      (error: Error | null, result) => (error ? reject(error) : resolve(result)),
    );
    instance.on('response', (_client, _status, _bytes, time) => times.push(time));
  });
  if (wrong.length > 0) throw new Error(`${wrong.length} answers were not right, the first one: ${wrong[0]}`);
  if (errors + timeouts > 0)
    throw new Error(`${errors} connections failed, ${timeouts} requests were not answered in time`);
  return {
    requests: times.length,
    seconds: (performance.now() - started) / 1000,
    times: times.toSorted((one, other) => one - other),
  };
}

function requestsOf(next: NextExchange, wrong: string[]): autocannon.Request {
  let exchange: Exchange;
  return {
    setupRequest: (request) => {
      exchange = next();
      const { method, path, body, headers } = exchange;
      return {
        ...request,
        method,
        path,
        body,
        headers: { accept: 'application/json', 'user-agent': 'bench', ...headers },
      };
    },
    onResponse: (status, body, _context, headers) => {
      if (!exchange.isRight(status, body, lowerCase(headers as AnswerHeaders))) {
        wrong.push(`${exchange.method} ${exchange.path}: ${status} ${body}`);
      }
    },
  };
}

function lowerCase(headers: AnswerHeaders): AnswerHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
