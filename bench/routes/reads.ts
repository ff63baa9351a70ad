import { DigestCaller, challengeOf, authorization } from '../digest-caller.js';
import { type Exchange, type NextExchange, parsed, type Route } from '../exchange.js';
import type { Member, Population } from '../population.js';

/** Accounts that a connection uses by Digest, in turn. */
const CALLERS = 4;
const ME = '/api/accounts/me';

/** Whether a response shows this account completely. */
function shows(member: Member, status: number, body: string): boolean {
  const account = parsed(body);
  return (
    status === 200 &&
    account.id === member.number &&
    account.username === member.username &&
    Array.isArray(account.passwords)
  );
}

function isChallenge(status: number, body: string, headers: Parameters<Exchange['isRight']>[2]): boolean {
  return status === 401 && 'message' in parsed(body) && challengeOf(headers).nonce.length > 0;
}

const ping: Route = {
  name: 'GET ping',
  in2021: [862, null],
  mostRatio: 2,
  connect: async () => () => ({
    method: 'GET',
    path: '/api/ping',
    isRight: (status, body) => status === 200 && body === 'pong',
  }),
};

export const info: Route = {
  name: 'GET info',
  in2021: [236, 10.6],
  mostRatio: 1.5,
  connect:
    async ({ population }) =>
    () => ({
      method: 'GET',
      path: `/api/accounts/${population.any().sip}/info`,
      isRight: (status, body) => status === 200 && parsed(body).activated === true,
    }),
};

const meByKey: Route = {
  name: 'GET me, API key',
  in2021: [141, 5],
  mostRatio: 1.5,
  connect:
    async ({ population }) =>
    () => {
      const member = population.anyWithKey();
      return {
        method: 'GET',
        path: ME,
        headers: { from: `sip:${member.sip}`, 'x-api-key': population.keyOf(member) },
        isRight: (status, body) => shows(member, status, body),
      };
    },
};

/**
 * Uses the accounts of a connection in turn, each by Digest with its current nonce.
 *
 * @param memberOf chooses the accounts; by default any.
 */
export function byDigest(
  path: string,
  exchangeOf: (caller: DigestCaller) => Pick<Exchange, 'body' | 'isRight'> & { method?: 'POST' },
  memberOf: (population: Population) => Member = (population) => population.any(),
): Route['connect'] {
  return async (surroundings) => {
    const members = Array.from({ length: CALLERS }, () => memberOf(surroundings.population));
    const callers = await Promise.all(members.map((member) => DigestCaller.ready(surroundings, member)));
    let turn = 0;
    return () => {
      const caller = callers[turn++ % CALLERS] as DigestCaller;
      const { method = 'GET', body, isRight } = exchangeOf(caller);
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      return { method, path, body, headers: { ...caller.headers(method, path), ...type }, isRight };
    };
  };
}

export const meByDigest: Route = {
  name: 'GET me, Digest SHA-256, nonce re-used',
  in2021: [149, 5.8],
  mostRatio: 1.5,
  connect: byDigest(ME, ({ member }) => ({ isRight: (status, body) => shows(member, status, body) })),
};

const challenge: Route = {
  name: '401 challenge',
  in2021: [244, null],
  mostRatio: 1.5,
  connect:
    async ({ population }) =>
    () => ({ method: 'GET', path: ME, headers: { from: `sip:${population.any().sip}` }, isRight: isChallenge }),
};

/** Calls like Linphone: a request without credentials, then the response to the challenge. */
const linphoneCall: Route = {
  name: 'Linphone-like call',
  requestsPerCall: 2,
  mostRatio: 2,
  connect: async ({ population }): Promise<NextExchange> => {
    let answer: Exchange | null = null;
    return () => {
      if (answer) {
        const exchange = answer;
        answer = null;
        return exchange;
      }
      const member = population.any();
      return {
        method: 'GET',
        path: ME,
        headers: { from: `sip:${member.sip}` },
        isRight: (status, body, headers) => {
          const isRight = isChallenge(status, body, headers);
          if (isRight) answer = answerTo(member, headers);
          return isRight;
        },
      };
    };
  },
};

function answerTo(member: Member, headers: Parameters<Exchange['isRight']>[2]): Exchange {
  return {
    method: 'GET',
    path: ME,
    headers: {
      from: `sip:${member.sip}`,
      authorization: authorization(member, challengeOf(headers), { method: 'GET', path: ME, count: 1 }),
    },
    isRight: (status, body) => shows(member, status, body),
  };
}

export const devices: Route = {
  name: 'GET devices, Digest',
  mostRatio: 2,
  connect: byDigest(`${ME}/devices`, () => ({
    isRight: (status, body) => status === 200 && body.includes('2c4b1e40-0000-4000-8000-0123456789ab'),
  })),
};

export const reads = [ping, info, meByKey, meByDigest, challenge, linphoneCall, devices];
