import type { Population, TokenSupply } from './population.js';

/** Names are in lower case. A field that occurs several times has several values. */
export type AnswerHeaders = Record<string, string | string[] | undefined>;

/** A request, and a check of its response. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Whether this is the correct response to this request: its status and its content. */
  isRight(status: number, body: string, headers: AnswerHeaders): boolean;
}

/** What a route needs for its requests. */
export interface Surroundings {
  readonly population: Population;
  readonly tokens: TokenSupply;
  /** Sends a request and reads its response, outside of the measurement. */
  send(exchange: Omit<Exchange, 'isRight'>): Promise<{ status: number; body: string; headers: AnswerHeaders }>;
}

/** Returns the next request of a connection, after the previous response. */
export type NextExchange = () => Exchange;

/** A route that is measured, or a mix of routes. */
export interface Route {
  readonly name: string;
  /** The number of requests for one call of a client, if more than one. */
  readonly requestsPerCall?: number;
  /** Requests per second of the 2021 server, with 10,000 and with 1,000,000 accounts (issue 6). */
  readonly in2021?: readonly [number, number | null];
  /** The highest allowed ratio of CPU time per request to that of the floor. */
  readonly mostRatio: number;
  /** Prepares the data for a measurement of this many seconds. */
  prepare?(surroundings: Surroundings, seconds: number): Promise<void>;
  /** Called for each connection before its first request. */
  connect(surroundings: Surroundings): Promise<NextExchange>;
}

/** The response as JSON; an object without members if it is not JSON. */
export function parsed(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}
