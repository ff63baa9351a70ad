import type { NextExchange, Route } from '../exchange.js';
import { lists } from './lists.js';
import { devices, info, meByDigest, reads } from './reads.js';
import { changePassword, withToken, writes } from './writes.js';

/** Of twenty requests, 14 show the caller, 4 read an account, one lists devices, one writes. */
const PATTERN = [...Array<Route>(14).fill(meByDigest), ...Array<Route>(4).fill(info), devices];

/** The most accounts that the mix creates per second: one request of forty creates one. */
const MOST_TOKENS = 500;

/** The realistic mix of a provider's service: 70 % me by Digest, 20 % info, 5 % devices, 5 % writes. */
const mix: Route = {
  name: 'realistic mix',
  mostRatio: 2,
  prepare: ({ tokens }, seconds) => tokens.prepare(seconds * MOST_TOKENS),
  connect: async (surroundings) => {
    const sources = new Map<Route, NextExchange>();
    for (const route of new Set([...PATTERN, withToken, changePassword]))
      sources.set(route, await route.connect(surroundings));
    let turn = Math.floor(Math.random() * 40);
    return () => {
      turn += 1;
      const write = turn % 40 < 20 ? withToken : changePassword;
      return (sources.get(PATTERN[turn % 20] ?? write) as NextExchange)();
    };
  },
};

/** All measured routes in order. Routes that write come last, so that reads see the same data in every run. */
export const routes: readonly Route[] = [...reads, ...lists, ...writes, mix];
