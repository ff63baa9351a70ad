import { randomBytes } from 'node:crypto';
import type { Api } from './api.js';
import { formatAuthorization, ha1Of, parseChallenge, responseFrom, writtenCount } from './digest-client.js';
import type { Answer } from './http.js';

interface Identity {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
}

/** An app that calls the API as AccountManagerServices of liblinphone 5.4 and later do. */
export interface LinphoneApp {
  /**
   * Makes one call. With an identity, these are two requests: the first without credentials, the second with the answer
   * to the last challenge. The body is sent both times.
   *
   * @param path below `/api/`.
   */
  call(method: string, path: string, body?: object): Promise<Answer>;
  /** The same app, with an account of its own. */
  as(identity: Identity): LinphoneApp;
}

/** An app that is pointed at the service under test. */
export function sentTo(api: Api, identity?: Identity): LinphoneApp {
  return {
    call: (method, path, body) => call(api, identity, { method, path: `/api/${path}`, body }),
    as: (other) => sentTo(api, other),
  };
}

async function call(
  api: Api,
  identity: Identity | undefined,
  { method, path, body }: { method: string; path: string; body?: object },
): Promise<Answer> {
  const headers: Record<string, string> = {
    'user-agent': 'LinphoneAndroid/6.0.5 (Pixel 8) LinphoneSDK/5.4.2',
    accept: 'application/json',
    ...(identity && { from: `sip:${identity.username}@${identity.domain}` }),
    'accept-language': 'fr_FR',
    ...(body && { 'content-type': 'application/json' }),
  };
  const request = { method, path, headers, body: body && JSON.stringify(body, Object.keys(body).toSorted()) };
  const first = await api.send(request);
  if (!identity || first.status !== 401) return first;
  const authorization = authorize(first.challenges.at(-1) ?? '', identity, { method, uri: path });
  return api.send({ ...request, headers: { ...headers, authorization } });
}

/** The answer to a challenge, with the parameters in the order and the quotes of liblinphone. */
function authorize(
  field: string,
  { username, password }: Identity,
  { method, uri }: Record<'method' | 'uri', string>,
): string {
  const challenge = parseChallenge(field);
  const { realm, algorithm, nonce, opaque } = challenge;
  const [cnonce, nc] = [randomBytes(8).toString('hex'), writtenCount(1)];
  const ha1 = ha1Of(algorithm, { username, realm, password });
  const response = responseFrom(ha1, challenge, { method, uri, nc, cnonce });
  const quoted = Object.entries({ realm, nonce, algorithm, opaque, username, response, cnonce });
  return formatAuthorization({
    ...Object.fromEntries(quoted.map(([name, value]) => [name, `"${value}"`])),
    nc,
    qop: 'auth',
    uri: `"${uri}"`,
  });
}
