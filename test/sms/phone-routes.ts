import type { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { range, registrationBody, uniquePhone } from '../support/public-routes.js';

export { uniquePhone };

const ME = '/api/accounts/me/phone';

/** Asks for a code that proves a new number. */
export function requestPhone(
  api: Api,
  account: GivenAccount,
  phone: string = uniquePhone(api),
  headers: Record<string, string> = {},
): Promise<Answer> {
  return api.withKey(account).send({
    method: 'POST',
    path: `${ME}/request`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ phone }),
  });
}

/** Proves it. */
export const confirmPhone = (api: Api, account: GivenAccount, code: string): Promise<Answer> =>
  api.withKey(account).post(ME, { code });

/** Creates an account with a number; its members tell whose it is. */
export async function signUp(api: Api, phone: string = uniquePhone(api), headers: Record<string, string> = {}) {
  const body = await registrationBody(api, { phone });
  const answer = await api.anonymous().send({
    method: 'POST',
    path: '/api/accounts/with-token',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { body, answer };
}

/** Activates it. */
export const activate = (api: Api, username: string, code: string): Promise<Answer> =>
  api.anonymous().post(`/api/accounts/${username}@sip.example.org/activate/phone`, { code });

/** The code in a text: the four digits at its end. */
export function codeIn(text: unknown): string {
  const [code] = /(?<!\d)\d{4}$/.exec(String(text)) ?? [];
  if (code === undefined) throw new Error(`no code at the end of ${String(text)}`);
  return code;
}

/** How many codes are stored that some call could redeem. */
export async function usableCodes(api: Api): Promise<number> {
  return (await api.count('phone_change_codes')) + (await api.count('accounts', 'confirmation_key IS NOT NULL'));
}

/** So many answers of the same call at once. */
export const together = (count: number, call: (index: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(range(count).map(call));
