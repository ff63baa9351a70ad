import { type Api, Client } from './api.js';
import { type Answer, sendRequest } from './http.js';

/** Settings with which {@link stranger} can use many addresses. */
export const BEHIND_PROXY = { TRUST_PROXY: '127.0.0.1' };

let serial = 0;

/** A client without credentials. Each call has another address, so no limit by source address applies. */
export function stranger(api: Api): Client {
  return new Client(api, async () => ({ 'x-forwarded-for': nextAddress() }));
}

/** Posts a JSON body as a {@link stranger}. */
export function postAsStranger(
  api: Api,
  path: string,
  body: unknown,
  headers: Record<string, string | string[]> = {},
): Promise<Answer> {
  return stranger(api).send({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** The push parameters of a device that nobody has used, with the given members in place of the default ones. */
export const newDevice = (api: Api, members: Record<string, unknown> = {}) => ({
  pn_provider: 'fcm',
  pn_param: 'project',
  pn_prid: api.given.unique('device'),
  ...members,
});

function nextAddress(): string {
  serial += 1;
  return `10.${(serial >> 16) & 255}.${(serial >> 8) & 255}.${serial & 255}`;
}

/** This many numbers from 0. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A phone number that is unique in this test file. */
export const uniquePhone = (api: Api): string => `+336${api.given.unique('').padStart(8, '0')}`;

/** Seconds from now until a date of the API or the database. */
export const secondsUntil = (api: Api, date: string): number =>
  (Date.parse(`${date.replace(' ', 'T')}Z`) - api.clock.now().getTime()) / 1000;

export interface RegistrationBody {
  username: string;
  password: string;
  algorithm: string;
  token: string;
  [member: string]: unknown;
}

/** A valid body for `POST /accounts/with-token`, with the given members in place of the default ones. */
export async function registrationBody(api: Api, members: Record<string, unknown> = {}): Promise<RegistrationBody> {
  const token = await api.given.token();
  return { username: api.given.unique('newcomer'), password: 'correct horse', algorithm: 'SHA-256', token, ...members };
}

/** The traces of a registration in the database; {@link NOTHING_LEFT} if it had no effect. */
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

/** Posts without the checks of `api.send`, which rejects a 500. */
export function postExpectingFault(api: Api, path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': nextAddress() };
  return sendRequest(api.origin, { method: 'POST', path, headers, body: JSON.stringify(body) });
}
