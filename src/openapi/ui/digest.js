import { md5, sha256 } from './hashes.js';

const HASHES = { 'SHA-256': sha256, MD5: md5 };

/**
 * Calls with a password (RFC 7616): asks for a challenge first, with nothing in the call, and answers it by the best hash there is.
 *
 * @param url absolute.
 * @param init as for `fetch`; `headers.From` names the account, and is not there on routes that want no credentials.
 * @param password what the account's owner has entered.
 * @returns the answer to the call; where no challenge came, the answer that came instead.
 */
export async function fetchWithDigest(url, init, password) {
  const from = Object.entries(init.headers).find(([name]) => name.toLowerCase() === 'from')?.[1];
  if (!from) return fetch(url, init);
  const { body: _body, ...empty } = init;
  const asked = await fetch(url, { ...empty, headers: { From: from } });
  const challenge = bestChallenge(asked.headers.get('www-authenticate') ?? '');
  if (asked.status !== 401 || !challenge) return asked;
  const { pathname, search } = new URL(url);
  const request = { method: init.method ?? 'GET', uri: pathname + search, username: usernameOf(from), password };
  return fetch(url, { ...init, headers: { ...init.headers, Authorization: answerTo(challenge, request, randomText()) } });
}

/** The `Authorization` header that answers a challenge (RFC 7616 §3.4). */
export function answerTo({ realm, nonce, opaque, algorithm }, { method, uri, username, password }, cnonce, nc = '00000001') {
  const hash = HASHES[algorithm];
  const secret = hash(`${username}:${realm}:${password}`);
  const response = hash([secret, nonce, nc, cnonce, 'auth', hash(`${method.toUpperCase()}:${uri}`)].join(':'));
  const quoted = Object.entries({ username, realm, nonce, uri, response, opaque, cnonce });
  // A header holds bytes, and a browser sends each character as one: UTF-8 is written out (RFC 7616 §4).
  const bytes = (text) => String.fromCharCode(...new TextEncoder().encode(text));
  const list = quoted.map(([name, value]) => `${name}="${bytes(value).replace(/["\\]/g, '\\$&')}"`);
  return `Digest ${[...list, 'qop=auth', `nc=${nc}`, `algorithm=${algorithm}`].join(', ')}`;
}

/** Of the challenges in the field, which the browser joins by commas, the one for the best hash; null if there is none. */
export function bestChallenge(field) {
  const challenges = [];
  for (const [, scheme, name, quoted, bare] of field.matchAll(/([a-z]+)\s+(?=[a-z]+=)|([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)) {
    if (scheme) challenges.push({ scheme: scheme.toLowerCase() });
    else if (challenges.length > 0) challenges.at(-1)[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? bare;
  }
  const best = (algorithm) => challenges.find((one) => one.scheme === 'digest' && one.algorithm === algorithm);
  return best('SHA-256') ?? best('MD5') ?? null;
}

/** The user part of `sip:user@domain`, percent-decoded, as the service reads it. */
export function usernameOf(from) {
  return decodeURIComponent(from.replace(/^sip:/i, '').split('@', 1)[0]);
}

function randomText() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
