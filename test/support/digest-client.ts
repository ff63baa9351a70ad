import { createHash, randomBytes } from 'node:crypto';
import { type Answer, type RawRequest, ME, sendRequest } from './http.js';

/**
 * A Digest client written only from RFC 7616. It shares no code with the server, so both cannot have the same error. It
 * produces correct responses; `digest-forger.ts` produces wrong ones.
 */

export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** A parsed challenge of the server. */
export interface ParsedChallenge {
  realm: string;
  algorithm: DigestAlgorithm;
  nonce: string;
  opaque: string;
  stale: boolean;
}

/** The account data of a client: the value of its From header and its credentials. */
export interface DigestCredentials {
  readonly from: string;
  readonly username: string;
  readonly password: string;
}

/** The input of a Digest response, besides the challenge. */
export interface AnswerParts {
  username: string;
  password: string;
  method: string;
  uri: string;
  /** The number of uses of the nonce, including this one. Default 1. */
  nc?: number;
  /** Default: random. */
  cnonce?: string;
}

const HASHES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

/** Parses a value of WWW-Authenticate. */
export function parseChallenge(field: string): ParsedChallenge {
  const form =
    /^Digest realm="([^"]*)",qop="auth",algorithm=(MD5|SHA-256),nonce="([0-9a-f]+)",opaque="([^"]*)"(,stale=true)?$/;
  const match = form.exec(field);
  if (!match) throw new Error(`not a challenge of the contract: ${field}`);
  const [, realm = '', algorithm, nonce = '', opaque = '', stale] = match;
  return { realm, algorithm: algorithm as DigestAlgorithm, nonce, opaque, stale: stale !== undefined };
}

/** The hash of values joined with colons (RFC 7616 §3.3: H and KD). */
export function digestHash(algorithm: DigestAlgorithm, ...values: readonly string[]): string {
  return createHash(HASHES[algorithm]).update(values.join(':'), 'utf8').digest('hex');
}

/** The HA1 of a password, as the service stores it (RFC 7616 §3.4.2). */
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

/** A nonce count in its written form: eight hexadecimal digits. */
export const writtenCount = (nc: number): string => nc.toString(16).padStart(8, '0');

/** The value of an Authorization header for parameters in their written form, including quotes. */
export function formatAuthorization(parameters: Readonly<Record<string, string>>): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return `Digest ${list.join(', ')}`;
}

/** The parameters of the response to a challenge, in their written form. */
export function answerParameters(challenge: ParsedChallenge, parts: AnswerParts): Record<string, string> {
  const { username, method, uri, cnonce = randomBytes(8).toString('hex') } = parts;
  const nc = writtenCount(parts.nc ?? 1);
  const response = responseFrom(ha1Of(challenge.algorithm, { ...parts, realm: challenge.realm }), challenge, {
    method,
    uri,
    nc,
    cnonce,
  });
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

/** The value of an Authorization header that responds to a challenge. */
export function answerChallenge(challenge: ParsedChallenge, parts: AnswerParts): string {
  return formatAuthorization(answerParameters(challenge, parts));
}

/** Where a client sends its requests: an `Api`, or a single process. */
interface Sender {
  send(request: RawRequest): Promise<Answer>;
}

/** A single process. Its responses are not checked against the published document. */
export const processAt = (origin: string): Sender => ({ send: (request) => sendRequest(origin, request) });

interface AskedBy {
  readonly method?: string;
  /** Default: the client's own account. */
  readonly path?: string;
  /** Headers besides From. */
  readonly headers?: Record<string, string>;
}

/**
 * Sends a request without credentials and returns the challenges of the 401: one for each algorithm, the strongest
 * last.
 */
export async function askForChallenges(
  sender: Sender,
  from: string,
  { method, path = ME, headers }: AskedBy = {},
): Promise<ParsedChallenge[]> {
  const answer = await sender.send({
    ...(method === undefined ? {} : { method }),
    path,
    headers: { from, ...headers },
  });
  if (answer.challenges.length === 0) throw new Error(`no challenge in ${answer.status} ${answer.text}`);
  return answer.challenges.map(parseChallenge);
}

/** Responds to one challenge any number of times, each time with the next count, like a client that keeps its nonce. */
export class DigestClient {
  private count = 0;

  constructor(
    readonly challenge: ParsedChallenge,
    readonly credentials: DigestCredentials,
  ) {}

  /**
   * Requests a challenge.
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

  /** The value of the Authorization header with a given count. The next call uses the count after it. */
  authorizeAs(nc: number, method = 'GET', uri = ME): string {
    this.count = nc - 1;
    return this.authorize(method, uri);
  }

  /** The input of the next response, for callers that sign it in another way. */
  nextParts(method = 'GET', uri = ME): AnswerParts {
    this.count += 1;
    const { username, password } = this.credentials;
    return { username, password, method, uri, nc: this.count };
  }
}
