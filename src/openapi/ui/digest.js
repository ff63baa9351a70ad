import { md5, sha256 } from './hashes.js';

const HASHES = { 'SHA-256': sha256, MD5: md5 };

/**
 * Makes a call with a password (RFC 7616): asks for a challenge with an empty call, and answers the challenge with the
 * strongest hash.
 *
 * @param url absolute.
 * @param init as for `fetch`. `headers.From` names the account. It is absent on routes that need no credentials.
 * @param password the password that the user entered.
 * @returns the answer to the call, or the answer to the empty call if that has no challenge.
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
  return fetch(url, {
    ...init,
    headers: { ...init.headers, Authorization: answerTo(challenge, request, randomText()) },
  });
}

/** The `Authorization` header that answers a challenge (RFC 7616 §3.4). */
export function answerTo(
  { realm, nonce, opaque, algorithm },
  { method, uri, username, password },
  cnonce,
  nc = '00000001',
) {
  const hash = HASHES[algorithm];
  const secret = hash(`${username}:${realm}:${password}`);
  const response = hash([secret, nonce, nc, cnonce, 'auth', hash(`${method.toUpperCase()}:${uri}`)].join(':'));
  const quoted = Object.entries({ username, realm, nonce, uri, response, opaque, cnonce });
  // A header holds bytes, and a browser sends each character as one byte, so UTF-8 is written out (RFC 7616 §4).
  const bytes = (text) => String.fromCharCode(...new TextEncoder().encode(text));
  const list = quoted.map(([name, value]) => `${name}="${bytes(value).replace(/["\\]/g, '\\$&')}"`);
  return `Digest ${[...list, 'qop=auth', `nc=${nc}`, `algorithm=${algorithm}`].join(', ')}`;
}

/**
 * Returns the challenge with the strongest hash. The browser joins all challenges in the header by commas. Null if
 * there is none.
 */
export function bestChallenge(field) {
  const challenges = [];
  for (const [, scheme, name, quoted, bare] of field.matchAll(
    /([a-z]+)\s+(?=[a-z]+=)|([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi,
  )) {
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
