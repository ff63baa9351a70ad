import type { Population, TokenSupply } from './population.js';

/** Names in lower case; a field that is there several times has several values. */
export type AnswerHeaders = Record<string, string | string[] | undefined>;

/** A request, and what its answer must be. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Whether this is the right answer, to this request: not only its status, but what it says. */
  isRight(status: number, body: string, headers: AnswerHeaders): boolean;
}

/** What a route is measured with. */
export interface Surroundings {
  readonly population: Population;
  readonly tokens: TokenSupply;
  /** Sends a request and reads its answer, outside of what is measured. */
  send(exchange: Omit<Exchange, 'isRight'>): Promise<{ status: number; body: string; headers: AnswerHeaders }>;
}

/** Gives a connection its next request, once the answer to the one before has been read. */
export type NextExchange = () => Exchange;

/** A route that is measured, or a mix of routes. */
export interface Route {
  readonly name: string;
  /** Requests that make one call of a client, where that is more than one. */
  readonly requestsPerCall?: number;
  /** Requests per second of the 2021 server, with 10,000 and with 1,000,000 accounts (issue 6). */
  readonly in2021?: readonly [number, number | null];
  /** How many times the floor's CPU time per request the service may take. */
  readonly mostRatio: number;
  /** What has to be there before it is measured for so many seconds. */
  prepare?(surroundings: Surroundings, seconds: number): Promise<void>;
  /** Called for each connection, before anything is sent on it. */
  connect(surroundings: Surroundings): Promise<NextExchange>;
}

/** The answer as JSON; of another form, an object without members. */
export function parsed(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}
