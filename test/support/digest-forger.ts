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
import { sendRequest } from './http.js';

/** What forged credentials are good for nowhere. */
export const ME = '/api/accounts/me';

/** The parts of an answer, of which some are what no honest client has. */
export interface ForgedParts extends Omit<AnswerParts, 'nc'> {
  /** A text is signed and written as it is. */
  nc?: number | string;
  /** Stands for the HA1 of the password: what somebody computes with who knows what is stored. */
  ha1?: string;
}

/**
 * The value of an Authorization header that is wrong on purpose: signed with parts that are not those of the account, or changed after it
 * was signed.
 *
 * @param changes parameters as they are written, quotes included; null leaves one out. They are not signed.
 */
export function forgeAnswer(challenge: ParsedChallenge, parts: ForgedParts, changes: Readonly<Record<string, string | null>> = {}): string {
  const { username, password, method, uri, cnonce = randomBytes(8).toString('hex') } = parts;
  const nc = typeof parts.nc === 'string' ? parts.nc : writtenCount(parts.nc ?? 1);
  const ha1 = parts.ha1 ?? ha1Of(challenge.algorithm, { username, realm: challenge.realm, password });
  const response = `"${responseFrom(ha1, challenge, { method, uri, nc, cnonce })}"`;
  const parameters = { ...answerParameters(challenge, { username, password, method, uri, cnonce }), nc, response, ...changes };
  const kept = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null);
  return formatAuthorization(Object.fromEntries(kept));
}

/** A way to answer that RFC 7616 has, or an older RFC, and this service does not offer. */
interface OtherWay {
  /** The hash by the name that OpenSSL has for it. */
  readonly hash: string;
  /** Whether the HA1 is that of a session (`-sess`). */
  readonly session: boolean;
  /** Null is the answer of RFC 2069. */
  readonly qop: string | null;
}

/** The response in such a way, with an empty body, the count 1 and the given cnonce. */
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

/** Tries credentials that are almost right for one account, and counts. */
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

  /** What the right answer for `GET /accounts/me` is made of. */
  partsOf({ username, password }: GivenAccount = this.account): AnswerParts {
    return { username, password, method: 'GET', uri: ME };
  }

  /**
   * Sends headers that must be refused with 401 and no word of being stale.
   *
   * @returns the code of the refusal.
   * @throws an Error if they are answered otherwise.
   */
  async refusedFor(headers: Headers, path = ME): Promise<string> {
    const { status, json, challenges } = await this.api.send({ path, headers: { from: this.account.from, ...headers } });
    if (status !== 401) throw new Error(`answered ${status}, not 401: ${path} ${JSON.stringify(headers)}`);
    if (challenges.map(parseChallenge).some(({ stale }) => stale)) throw new Error(`called stale: ${JSON.stringify(headers)}`);
    this.counts['refused as they must be'] += 1;
    return json.code;
  }

  refused(authorization: string, path = ME): Promise<string> {
    return this.refusedFor({ authorization }, path);
  }

  /**
   * Sends headers that are right: what is beside them would be refused for another reason otherwise.
   *
   * @throws an Error if they are refused.
   */
  async taken(headers: Headers, path = ME): Promise<void> {
    // Not through the client that holds answers against the document: to that, another spelling of a path is another route.
    const { status, text, json } = await sendRequest(this.api.origin, { path, headers: { from: this.account.from, ...headers } });
    if (status !== 200 || json.id !== this.account.id) throw new Error(`should have been taken: ${status} ${text}`);
    this.counts['right ones beside them'] += 1;
  }

  /**
   * Runs attacks on one nonce, which must leave it as it was: nothing is spent, and the right answer is taken after them.
   *
   * @throws an Error if they do not.
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
