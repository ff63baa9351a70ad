import { createHash, randomBytes } from 'node:crypto';
import type { Api } from './api.js';
import {
  answerChallenge,
  type AnswerParts,
  answerParameters,
  askForChallenges,
  formatAuthorization,
  ha1Of,
  type ParsedChallenge,
  parseChallenge,
  processAt,
  responseFrom,
  writtenCount,
} from './digest-client.js';
import type { GivenAccount } from './factories.js';
import { ME, sendRequest } from './http.js';

/** The parts of a Digest response. Some of them are values that no honest client sends. */
export interface ForgedParts extends Omit<AnswerParts, 'nc'> {
  /** A string is signed and sent unchanged. */
  nc?: number | string;
  /** Replaces the HA1 of the password, like the computation of an attacker that knows the stored value. */
  ha1?: string;
}

/**
 * A wrong value of an Authorization header: signed with parts of something else than the account, or changed after it
 * was signed.
 *
 * @param changes parameters in their written form, including quotes; null removes one. They are not signed.
 */
export function forgeAnswer(
  challenge: ParsedChallenge,
  parts: ForgedParts,
  changes: Readonly<Record<string, string | null>> = {},
): string {
  const { username, password, method, uri, cnonce = randomBytes(8).toString('hex') } = parts;
  const nc = typeof parts.nc === 'string' ? parts.nc : writtenCount(parts.nc ?? 1);
  const ha1 = parts.ha1 ?? ha1Of(challenge.algorithm, { username, realm: challenge.realm, password });
  const response = `"${responseFrom(ha1, challenge, { method, uri, nc, cnonce })}"`;
  const parameters = {
    ...answerParameters(challenge, { username, password, method, uri, cnonce }),
    nc,
    response,
    ...changes,
  };
  const kept = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null);
  return formatAuthorization(Object.fromEntries(kept));
}

/** A form of Digest response that RFC 7616 or an older RFC defines and this service does not offer. */
interface OtherWay {
  /** The name of the hash in OpenSSL. */
  readonly hash: string;
  /** Whether the HA1 is that of a session (`-sess`). */
  readonly session: boolean;
  /** Null stands for the response of RFC 2069. */
  readonly qop: string | null;
}

/** The Digest response in that form, with an empty body, the count 1 and the given cnonce. */
export function responseInOtherWay(
  { realm, nonce }: ParsedChallenge,
  { username, password, method, uri, cnonce = '' }: AnswerParts,
  { hash, session, qop }: OtherWay,
): string {
  const h = (...values: string[]) => createHash(hash).update(values.join(':')).digest('hex');
  const ha1 = session ? h(h(username, realm, password), nonce, cnonce) : h(username, realm, password);
  const ha2 = qop === 'auth-int' ? h(method, uri, h('')) : h(method, uri);
  return qop === null ? h(ha1, nonce, ha2) : h(ha1, nonce, writtenCount(1), cnonce, qop, ha2);
}

type Headers = Record<string, string | string[]>;

/** Sends credentials that are almost correct for one account, and counts the attempts. */
export class Forger {
  readonly counts = { 'refused as they must be': 0, 'right ones beside them': 0 };

  constructor(
    private readonly api: Api,
    readonly account: GivenAccount,
  ) {}

  async challenge({ from } = this.account): Promise<ParsedChallenge> {
    const challenges = await askForChallenges(processAt(this.api.origin), from);
    return challenges.at(-1) as ParsedChallenge;
  }

  /** The input of the correct response for `GET /accounts/me`. */
  partsOf({ username, password }: GivenAccount = this.account): AnswerParts {
    return { username, password, method: 'GET', uri: ME };
  }

  /**
   * Sends headers that must get a 401 without `stale`.
   *
   * @returns the error code.
   * @throws an Error for any other response.
   */
  async refusedFor(headers: Headers, path = ME): Promise<string> {
    const { status, json, challenges } = await this.api.send({
      path,
      headers: { from: this.account.from, ...headers },
    });
    if (status !== 401) throw new Error(`answered ${status}, not 401: ${path} ${JSON.stringify(headers)}`);
    if (challenges.map(parseChallenge).some(({ stale }) => stale))
      throw new Error(`called stale: ${JSON.stringify(headers)}`);
    this.counts['refused as they must be'] += 1;
    return json.code;
  }

  refused(authorization: string, path = ME): Promise<string> {
    return this.refusedFor({ authorization }, path);
  }

  /**
   * Sends correct headers. This shows that the forged ones were not rejected for another reason.
   *
   * @throws an Error if they are rejected.
   */
  async taken(headers: Headers, path = ME): Promise<void> {
    // The request bypasses the client that checks responses against the document: that client takes another spelling of
    // a path for another route.
    const { status, text, json } = await sendRequest(this.api.origin, {
      path,
      headers: { from: this.account.from, ...headers },
    });
    if (status !== 200 || json.id !== this.account.id) throw new Error(`should have been taken: ${status} ${text}`);
    this.counts['right ones beside them'] += 1;
  }

  /**
   * Runs attacks on one nonce that must not use it up: no use is stored, and the correct response is accepted
   * afterwards.
   *
   * @throws an Error otherwise.
   */
  async sparing(attack: (asked: ParsedChallenge, right: string) => Promise<void>): Promise<void> {
    const asked = await this.challenge();
    const right = answerChallenge(asked, this.partsOf());
    const spent = () => this.api.count('nonces', 'nonce = ?', [asked.nonce]);
    await attack(asked, right);
    if ((await spent()) > 0) throw new Error('the nonce was spent by what was refused');
    await this.taken({ authorization: right });
  }
}
