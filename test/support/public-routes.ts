import { type Api, Client } from './api.js';
import { type Answer, sendRequest } from './http.js';

/** Settings under which {@link stranger} comes from many addresses. */
export const BEHIND_PROXY = { TRUST_PROXY: '127.0.0.1' };

let serial = 0;

/** Somebody without credentials, each call from an address of its own: no limit per source address is met. */
export function stranger(api: Api): Client {
  return new Client(api, async () => ({ 'x-forwarded-for': nextAddress() }));
}

function nextAddress(): string {
  serial += 1;
  return `10.${(serial >> 16) & 255}.${(serial >> 8) & 255}.${serial & 255}`;
}

/** So many numbers from 0, to make that many of something. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A phone number nobody else in this test file has. */
export const uniquePhone = (api: Api): string => `+336${api.given.unique('').padStart(8, '0')}`;

/** Seconds from now until a date of the wire or of the database. */
export const secondsUntil = (api: Api, date: string): number =>
  (Date.parse(`${date.replace(' ', 'T')}Z`) - api.clock.now().getTime()) / 1000;

export interface RegistrationBody {
  username: string;
  password: string;
  algorithm: string;
  token: string;
  [member: string]: unknown;
}

/** A body for `POST /accounts/with-token` that succeeds, but for what the members say. */
export async function registrationBody(api: Api, members: Record<string, unknown> = {}): Promise<RegistrationBody> {
  const token = await api.given.token();
  return { username: api.given.unique('newcomer'), password: 'correct horse', algorithm: 'SHA-256', token, ...members };
}

/** What stands of a registration; {@link NOTHING_LEFT} if it had no effect. */
export async function tracesOf(api: Api, { username, token }: { username: unknown; token: string }) {
  const orphans: number[] = [];
  for (const table of ['passwords', 'activation_expirations', 'phone_change_codes', 'aliases', 'admins']) {
    orphans.push(await api.count(table, 'account_id NOT IN (SELECT id FROM accounts)'));
  }
  return {
    accounts: await api.count('accounts', 'username = ?', [username]),
    orphans: orphans.reduce((sum, count) => sum + count, 0),
    spentTokens: await api.count('tokens', 'token = ? AND used = 1', [token]),
    tokens: await api.count('tokens', 'token = ?', [token]),
  };
}

export const NOTHING_LEFT = { accounts: 0, orphans: 0, spentTokens: 0, tokens: 1 };

/** Posts past the checks of `api.send`, which takes no 500 for an answer. */
export function postExpectingFault(api: Api, path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': nextAddress() };
  return sendRequest(api.origin, { method: 'POST', path, headers, body: JSON.stringify(body) });
}
