import { Api, PUBLIC_URL } from './api.js';
import type { Answer } from './http.js';

/** The path of the page of a request token, without the path of the public URL. */
export const pageOf = (token: string): string => `/creation_token/check/${token}`;

/** Asks for a request token, like the desktop app: without a body, and without a content type. */
export async function requestToken(api: Api): Promise<string> {
  const { status, json } = await api.send({ method: 'POST', path: '/api/account_creation_request_tokens' });
  expect(status).toBe(201);
  expect(json.validation_url).toBe(PUBLIC_URL + pageOf(json.token));
  return json.token;
}

/** Sends the form of a page. */
export function sendForm(api: Api, path: string, fields: Record<string, string> = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return api.send({ method: 'POST', path, headers, body: new URLSearchParams(fields).toString() });
}

/** A request token for which a person was proven by the button of its page. */
export async function validatedToken(api: Api): Promise<string> {
  const token = await requestToken(api);
  expect((await sendForm(api, pageOf(token))).status).toBe(200);
  return token;
}

/** Exchanges a request token for an account creation token. */
export function exchange(api: Api, token: unknown): Promise<Answer> {
  return api.anonymous().post('/api/account_creation_tokens/using-account-creation-request-token', {
    account_creation_request_token: token,
  });
}
