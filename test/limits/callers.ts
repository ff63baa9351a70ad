import { type Api, Client } from '../support/api.js';
import { askForChallenges, DigestClient, type ParsedChallenge } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, type RawRequest, ME } from '../support/http.js';

/** Limits are on, and a test says by X-Forwarded-For where a call comes from. */
export const LIMITED = { RATE_LIMITS: 'on', TRUST_PROXY: '127.0.0.1' };

export const TOO_MANY = '429 too_many_attempts';

let serial = 0;

/** An address nobody has called from before. */
export function newAddress(): string {
  serial += 1;
  return `192.0.${serial >> 8}.${serial & 255}`;
}

/** Calls from an address, with a key if one is given. */
export function from(
  api: Api,
  address: string,
  account?: GivenAccount,
  key: string | undefined = account?.apiKey,
): Client {
  const credentials = account ? { from: account.from, 'x-api-key': key ?? '' } : undefined;
  return new Client(api, async () => ({ 'x-forwarded-for': address, ...credentials }));
}

/** What is left of the seconds in Retry-After. */
export function retryAfter({ headers }: Answer): number {
  return Number(headers['retry-after']);
}

/** Asks for a challenge from an address. */
export async function challengeFor(api: Api, account: GivenAccount, address: string): Promise<ParsedChallenge> {
  const challenges = await askForChallenges(api, account.from, { headers: { 'x-forwarded-for': address } });
  return challenges.at(-1) as ParsedChallenge;
}

/** Answers a challenge from an address. */
export function answerFrom(
  api: Api,
  account: GivenAccount,
  address: string,
  challenge: ParsedChallenge,
  nc: number,
  password: string,
) {
  const authorization = new DigestClient(challenge, { ...account, password }).authorizeAs(nc);
  const request: RawRequest = { path: ME, headers: { from: account.from, 'x-forwarded-for': address, authorization } };
  return api.send(request);
}
