import { answerChallenge, type ParsedChallenge, parseChallenge } from '../test/support/digest-client.js';
import type { AnswerHeaders, Exchange, Surroundings } from './exchange.js';
import { type Member, PASSWORD } from './population.js';

/** The SHA-256 challenge of a 401. */
export function challengeOf(headers: AnswerHeaders): ParsedChallenge {
  const fields = ([] as string[]).concat(headers['www-authenticate'] ?? []);
  const challenge = fields.map(parseChallenge).find(({ algorithm }) => algorithm === 'SHA-256');
  if (!challenge) throw new Error('no challenge by SHA-256');
  return challenge;
}

/** An account that calls by Digest and uses each nonce as long as it is valid. */
export class DigestCaller {
  private count = 0;

  private constructor(
    readonly member: Member,
    private challenge: ParsedChallenge,
    /** Its password. A caller that changes the password sets it here. */
    public password: string,
  ) {}

  /** Creates one that already has a challenge. */
  static async ready({ send }: Surroundings, member: Member, password = PASSWORD): Promise<DigestCaller> {
    const { headers } = await send({ method: 'GET', path: '/api/accounts/me', headers: { from: `sip:${member.sip}` } });
    return new DigestCaller(member, challengeOf(headers), password);
  }

  /** The headers of its next request. */
  headers(method: Exchange['method'], path: string): Record<string, string> {
    this.count += 1;
    return {
      from: `sip:${this.member.sip}`,
      authorization: authorization(this.member, this.challenge, {
        method,
        path,
        count: this.count,
        password: this.password,
      }),
    };
  }
}

/** The Digest response to a challenge. */
export function authorization(
  { username }: Member,
  challenge: ParsedChallenge,
  { method, path, count, password = PASSWORD }: { method: string; path: string; count: number; password?: string },
): string {
  return answerChallenge(challenge, { username, password, method, uri: path, nc: count });
}
