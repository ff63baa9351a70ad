import { askForChallenges, DigestClient, type ParsedChallenge, processAt } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, type RawRequest, sendRequest } from '../support/http.js';

/** A call as an attacker on the network might have recorded it. */
export interface Captured {
  readonly account: GivenAccount;
  readonly request: RawRequest & { method: string; headers: { from: string; authorization: string } };
}

/** A call before it is signed. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

const PASSWORD_PATH = '/api/accounts/me/password';

/** Calls of a user that succeed each time they are signed anew. */
export const CALLS: readonly Call[] = [
  { method: 'GET', path: '/api/accounts/me' },
  { method: 'HEAD', path: '/api/accounts/me' },
  { method: 'GET', path: '/api/accounts/me/devices' },
  { method: 'GET', path: '/flexiapi/api/accounts/me?x=1' },
  {
    method: 'POST',
    path: PASSWORD_PATH,
    body: JSON.stringify({ algorithm: 'SHA-256', password: 'secret words', old_password: 'secret words' }),
  },
];

/** Asks a process for a challenge. */
export async function challengeFrom(origin: string, account: GivenAccount): Promise<ParsedChallenge> {
  const challenges = await askForChallenges(processAt(origin), account.from);
  return challenges.at(-1) as ParsedChallenge;
}

/** Signs a call that has not been sent yet. */
export function sign(
  challenge: ParsedChallenge,
  account: GivenAccount,
  { method, path, body }: Call,
  nc = 1,
): Captured {
  const authorization = new DigestClient(challenge, account).authorizeAs(nc, method, path);
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  return { account, request: { method, path, body, headers: { ...type, from: account.from, authorization } } };
}

type Change = (captured: Captured) => Captured['request'];

const withAuthorization =
  (change: (authorization: string) => string): Change =>
  ({ request }) => ({
    ...request,
    headers: { ...request.headers, authorization: change(request.headers.authorization) },
  });

const parametersOf = (authorization: string) => authorization.replace(/^\S+ /, '').split(', ');

/** The ways in which a captured call is sent again, by name. None may ever be accepted. */
export const WAYS: Readonly<Record<string, Change>> = {
  'as it was': ({ request }) => request,
  'with its parameters in another order': withAuthorization(
    (text) => `Digest ${parametersOf(text).toReversed().join(', ')}`,
  ),
  'with names and scheme in capitals, without blanks': withAuthorization(
    (text) =>
      `DIGEST ${parametersOf(text)
        .map((one) => one.replace(/^\w+/, (name) => name.toUpperCase()))
        .join(',')}`,
  ),
  'with everything quoted': withAuthorization((text) => text.replace(/=([^",\s]+)(,|$)/g, '="$1"$2')),
  'with blanks and tabs': withAuthorization((text) => text.replaceAll(', ', ' ,\t ').replace('Digest ', 'Digest   ')),
  'with nc in capitals and quoted': withAuthorization((text) =>
    text.replace(/nc=(\w+)/, (_, nc: string) => `NC="${nc.toUpperCase()}"`),
  ),
  'without opaque': withAuthorization((text) => text.replace(/, opaque="[^"]*"/, '')),
  'with further parameters': withAuthorization((text) => `${text}, charset=UTF-8, x="y"`),
  'with another cnonce': withAuthorization((text) => text.replace(/cnonce="[^"]*"/, 'cnonce="another"')),
  'with another count': withAuthorization((text) => text.replace(/nc=\w+/, 'nc=0000abcd')),
  'with another uri': withAuthorization((text) => text.replace(/uri="([^"]*)"/, 'uri="/flexiapi$1"')),
  'with From in another spelling': ({ request, account }) => ({
    ...request,
    headers: {
      ...request.headers,
      from: `SIP:%${account.username.charCodeAt(0).toString(16)}${account.sip.slice(1)};tag=replayed`,
    },
  }),
  'with another method': ({ request }) => ({
    ...request,
    method: request.method === 'GET' ? 'HEAD' : 'DELETE',
    path: '/api/accounts/me',
  }),
  'to another route': ({ request }) => ({ ...request, path: '/api/accounts/me/devices/x', method: 'GET' }),
  'to the same route with a query': ({ request }) => ({
    ...request,
    path: `${request.path}${request.path.includes('?') ? '&' : '?'}y`,
  }),
  'to the same route with a slash behind': ({ request }) => ({
    ...request,
    path: request.path.replace(/(\?|$)/, '/$1'),
  }),
  'beside an empty key': ({ request }) => ({ ...request, headers: { ...request.headers, 'x-api-key': '' } }),
  'with another body': ({ request }) => ({ ...request, ...(request.body === undefined ? {} : { body: '{}' }) }),
};

/** Counts replays, and records every answer that is not the required refusal. */
export class Replays {
  tried = 0;
  accepted = 0;
  /** Answers other than 401. */
  readonly odd: string[] = [];

  /** Sends a captured call again in one of these ways. */
  async replay(origin: string, captured: Captured, way: string): Promise<Answer> {
    const request = (WAYS[way] as Change)(captured);
    const answer = await sendRequest(origin, request);
    this.count(answer, `${request.method} ${request.path} ${way}`);
    return answer;
  }

  /**
   * Whether every replay so far was refused as required.
   *
   * @throws an Error that lists the others.
   */
  refused(): boolean {
    if (this.odd.length > 0)
      throw new Error(`${this.accepted} of ${this.tried} replays were taken\n${this.odd.slice(0, 20).join('\n')}`);
    return this.tried > 0;
  }

  /** Counts an answer as the answer to a replay. */
  count({ status, text }: Answer, what: string): void {
    this.tried += 1;
    if (status < 300) this.accepted += 1;
    if (status !== 401) this.odd.push(`${what}: ${status} ${text}`);
  }

  /**
   * Sends copies of an unsent call, all at once. One of them is the call, the others are replays.
   *
   * @returns how many were accepted.
   */
  async race(origins: readonly string[], { request }: Captured, copies: number): Promise<number> {
    const answers = await Promise.all(
      Array.from({ length: copies }, (_, index) => sendRequest(origins[index % origins.length] as string, request)),
    );
    const winner = answers.findIndex(({ status }) => status === 200);
    for (const [index, answer] of answers.entries())
      if (index !== winner) this.count(answer, `${request.method} ${request.path} at once`);
    return answers.filter(({ status }) => status === 200).length;
  }
}

/** Makes each call once, as its owner does. */
export async function captureAll(origin: string, account: GivenAccount, calls = CALLS): Promise<Captured[]> {
  const captured: Captured[] = [];
  for (const call of calls) {
    const signed = sign(await challengeFrom(origin, account), account, call);
    const { status, text } = await sendRequest(origin, signed.request);
    if (status !== 200) throw new Error(`${call.method} ${call.path} should have been taken once: ${status} ${text}`);
    captured.push(signed);
  }
  return captured;
}
