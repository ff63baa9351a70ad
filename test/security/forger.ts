import { type AnswerParts, answerChallenge, type ParsedChallenge, parseChallenge } from '../support/digest-client.js';
import type { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { sendRequest } from '../support/http.js';
import { challengeFrom } from './replays.js';

/** What forged credentials are good for nowhere. */
export const ME = '/api/accounts/me';

type Headers = Record<string, string | string[]>;

/** Tries credentials that are almost right for one account, and counts. */
export class Forger {
  readonly counts = { 'refused as they must be': 0, 'right ones beside them': 0 };

  constructor(
    private readonly api: Api,
    readonly account: GivenAccount,
  ) {}

  challenge(account = this.account): Promise<ParsedChallenge> {
    return challengeFrom(this.api.origin, account);
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
