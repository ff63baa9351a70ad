import { createHash, randomBytes } from 'node:crypto';
import { type Answer, type RawRequest, sendRequest } from './http.js';

/**
 * A Digest client written from RFC 7616 alone. It shares nothing with the server, so that both cannot be wrong in the same way. It signs
 * what is right; `digest-forger.ts` makes what is wrong.
 */

export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** A challenge of the server, taken apart. */
export interface ParsedChallenge {
  realm: string;
  algorithm: DigestAlgorithm;
  nonce: string;
  opaque: string;
  stale: boolean;
}

/** What a client knows of its account: the value of its From header, and what it proves. */
export interface DigestCredentials {
  readonly from: string;
  readonly username: string;
  readonly password: string;
}

/** What an answer is made of, besides the challenge. */
export interface AnswerParts {
  username: string;
  password: string;
  method: string;
  uri: string;
  /** How often the nonce has been used, this time included. Default 1. */
  nc?: number;
  /** Default: drawn. */
  cnonce?: string;
}

const ME = '/api/accounts/me';
const HASHES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

/** Reads a value of WWW-Authenticate. */
export function parseChallenge(field: string): ParsedChallenge {
  const form = /^Digest realm="([^"]*)",qop="auth",algorithm=(MD5|SHA-256),nonce="([0-9a-f]+)",opaque="([^"]*)"(,stale=true)?$/;
  const match = form.exec(field);
  if (!match) throw new Error(`not a challenge of the contract: ${field}`);
  const [, realm = '', algorithm, nonce = '', opaque = '', stale] = match;
  return { realm, algorithm: algorithm as DigestAlgorithm, nonce, opaque, stale: stale !== undefined };
}

/** The hash of values with colons between them (RFC 7616 §3.3: H and KD). */
export function digestHash(algorithm: DigestAlgorithm, ...values: readonly string[]): string {
  return createHash(HASHES[algorithm]).update(values.join(':'), 'utf8').digest('hex');
}

/** The HA1 of a password, which is what the service stores (RFC 7616 §3.4.2). */
export function ha1Of(
  algorithm: DigestAlgorithm,
  { username, realm, password }: Record<'username' | 'realm' | 'password', string>,
): string {
  return digestHash(algorithm, username, realm, password);
}

/** The response to a challenge from an HA1 (RFC 7616 §3.4.1, qop=auth). */
export function responseFrom(
  ha1: string,
  { algorithm, nonce }: ParsedChallenge,
  { method, uri, nc, cnonce }: Record<'method' | 'uri' | 'nc' | 'cnonce', string>,
): string {
  return digestHash(algorithm, ha1, nonce, nc, cnonce, 'auth', digestHash(algorithm, method, uri));
}

/** A count as it is written: eight hexadecimal digits. */
export const writtenCount = (nc: number): string => nc.toString(16).padStart(8, '0');

/** The value of an Authorization header, from its parameters as they are written, quotes included. */
export function formatAuthorization(parameters: Readonly<Record<string, string>>): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return `Digest ${list.join(', ')}`;
}

/** The parameters that answer a challenge, as they are written. */
export function answerParameters(challenge: ParsedChallenge, parts: AnswerParts): Record<string, string> {
  const { username, method, uri, cnonce = randomBytes(8).toString('hex') } = parts;
  const nc = writtenCount(parts.nc ?? 1);
  const response = responseFrom(ha1Of(challenge.algorithm, { ...parts, realm: challenge.realm }), challenge, { method, uri, nc, cnonce });
  return {
    username: `"${username}"`,
    realm: `"${challenge.realm}"`,
    nonce: `"${challenge.nonce}"`,
    uri: `"${uri}"`,
    algorithm: challenge.algorithm,
    nc,
    cnonce: `"${cnonce}"`,
    qop: 'auth',
    response: `"${response}"`,
    opaque: `"${challenge.opaque}"`,
  };
}

/** The value of an Authorization header that answers a challenge. */
export function answerChallenge(challenge: ParsedChallenge, parts: AnswerParts): string {
  return formatAuthorization(answerParameters(challenge, parts));
}

/** Where a client sends its requests: an `Api`, or one process. */
interface Sender {
  send(request: RawRequest): Promise<Answer>;
}

/** One process, whose answers are not held against the published document. */
export const processAt = (origin: string): Sender => ({ send: (request) => sendRequest(origin, request) });

interface AskedBy {
  readonly method?: string;
  /** Default: the own account. */
  readonly path?: string;
  /** Headers besides From. */
  readonly headers?: Record<string, string>;
}

/** Calls without credentials, and gives the challenges of the refusal: one for each algorithm, the strongest last. */
export async function askForChallenges(
  sender: Sender,
  from: string,
  { method, path = ME, headers }: AskedBy = {},
): Promise<ParsedChallenge[]> {
  const answer = await sender.send({ ...(method === undefined ? {} : { method }), path, headers: { from, ...headers } });
  if (answer.challenges.length === 0) throw new Error(`no challenge in ${answer.status} ${answer.text}`);
  return answer.challenges.map(parseChallenge);
}

/** Answers one challenge as often as wanted, each time with the next count, as a client does that keeps its nonce. */
export class DigestClient {
  private count = 0;

  constructor(
    readonly challenge: ParsedChallenge,
    readonly credentials: DigestCredentials,
  ) {}

  /**
   * Asks for a challenge.
   *
   * @param algorithm by default the strongest that is offered.
   */
  static async start(
    sender: Sender,
    credentials: DigestCredentials,
    { algorithm, ...asked }: AskedBy & { readonly algorithm?: DigestAlgorithm } = {},
  ): Promise<DigestClient> {
    const challenges = await askForChallenges(sender, credentials.from, asked);
    const challenge = algorithm ? challenges.find((one) => one.algorithm === algorithm) : challenges.at(-1);
    if (!challenge) throw new Error(`no ${algorithm} challenge among ${challenges.map((one) => one.algorithm).join()}`);
    return new DigestClient(challenge, credentials);
  }

  /** The value of the Authorization header for the next call. */
  authorize(method = 'GET', uri = ME): string {
    return answerChallenge(this.challenge, this.nextParts(method, uri));
  }

  /** The same with a count of the caller's choice; the next call has the count after it. */
  authorizeAs(nc: number, method = 'GET', uri = ME): string {
    this.count = nc - 1;
    return this.authorize(method, uri);
  }

  /** What the answer for the next call is made of, for who signs it in another way. */
  nextParts(method = 'GET', uri = ME): AnswerParts {
    this.count += 1;
    const { username, password } = this.credentials;
    return { username, password, method, uri, nc: this.count };
  }
}
