import type { NextExchange, Route } from '../exchange.js';
import { lists } from './lists.js';
import { devices, info, meByDigest, reads } from './reads.js';
import { changePassword, withToken, writes } from './writes.js';

/** Of twenty requests: 14 show the caller, 4 ask for an account, one is about devices, one writes. */
const PATTERN = [...Array<Route>(14).fill(meByDigest), ...Array<Route>(4).fill(info), devices];

/** More accounts than this in a second the mix does not create: one request in forty does. */
const MOST_TOKENS = 500;

/** What a provider's service is asked: 70 % me by Digest, 20 % info, 5 % devices, 5 % writes. */
const mix: Route = {
  name: 'realistic mix',
  mostRatio: 2,
  prepare: ({ tokens }, seconds) => tokens.prepare(seconds * MOST_TOKENS),
  connect: async (surroundings) => {
    const sources = new Map<Route, NextExchange>();
    for (const route of new Set([...PATTERN, withToken, changePassword])) sources.set(route, await route.connect(surroundings));
    let turn = Math.floor(Math.random() * 40);
    return () => {
      turn += 1;
      const write = turn % 40 < 20 ? withToken : changePassword;
      return (sources.get(PATTERN[turn % 20] ?? write) as NextExchange)();
    };
  },
};

/** All that is measured, in this order: what writes comes last, so that what is read is the same in every run. */
export const routes: readonly Route[] = [...reads, ...lists, ...writes, mix];
