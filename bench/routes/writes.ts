import { randomUUID } from 'node:crypto';
import type { DigestCaller } from '../digest-caller.js';
import { type Exchange, parsed, type Route, type Surroundings } from '../exchange.js';
import { DOMAIN, PASSWORD } from '../population.js';
import { byDigest } from './reads.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** The most accounts that a process creates per second. */
const MOST_PER_SECOND = 6_000;

let serial = 0;

/** A name that no account has, neither in this run nor from earlier runs. */
export function newName(): string {
  serial += 1;
  return `new.${process.pid}.${serial}`;
}

function isNewAccount(username: string, status: number, body: string): boolean {
  const account = parsed(body);
  return status === 200 && account.username === username && account.domain === DOMAIN && Number(account.id) > 0;
}

const create: Route = {
  name: 'POST accounts',
  in2021: [129, 12],
  mostRatio: 2,
  connect: async ({ population }: Surroundings) => {
    const { administrator } = population;
    const headers = { from: `sip:${administrator.sip}`, 'x-api-key': population.keyOf(administrator), ...JSON_TYPE };
    return () => {
      const username = newName();
      const account = { username, password: PASSWORD, algorithm: 'SHA-256', domain: DOMAIN, activated: true };
      return {
        method: 'POST',
        path: '/api/accounts',
        headers,
        body: JSON.stringify(account),
        isRight: (status, body) => isNewAccount(username, status, body),
      };
    };
  },
};

export const withToken: Route = {
  name: 'POST with-token',
  mostRatio: 2,
  prepare: ({ tokens }, seconds) => tokens.prepare(Math.ceil(seconds * MOST_PER_SECOND)),
  connect:
    async ({ tokens }) =>
    () => {
      const username = newName();
      const account = { username, password: PASSWORD, algorithm: 'SHA-256', token: tokens.next() };
      return {
        method: 'POST',
        path: '/api/accounts/with-token',
        headers: JSON_TYPE,
        body: JSON.stringify(account),
        isRight: (status, body) => isNewAccount(username, status, body),
      };
    },
};

/** The password differs each time, because an unchanged password costs less. */
function toNextPassword(caller: DigestCaller): Pick<Exchange, 'body' | 'isRight'> & { method: 'POST' } {
  const next = `${PASSWORD} ${randomUUID()}`;
  return {
    method: 'POST',
    body: JSON.stringify({ algorithm: 'SHA-256', old_password: caller.password, password: next }),
    isRight: (status) => {
      caller.password = next;
      return status === 200;
    },
  };
}

export const changePassword: Route = {
  name: 'POST password, Digest',
  mostRatio: 2,
  connect: byDigest('/api/accounts/me/password', toNextPassword, (population) => population.own()),
};

export const writes = [create, withToken, changePassword];
