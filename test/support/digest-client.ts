import { createHash, randomBytes } from 'node:crypto';

/** A challenge of the server, taken apart. */
export interface ParsedChallenge {
  realm: string;
  algorithm: 'MD5' | 'SHA-256';
  nonce: string;
  opaque: string;
  stale: boolean;
}

/**
 * A Digest client written from RFC 7616 alone; it shares nothing with the server, so that both cannot be wrong in the
 * same way.
 */
export function parseChallenge(field: string): ParsedChallenge {
  const form = /^Digest realm="([^"]*)",qop="auth",algorithm=(MD5|SHA-256),nonce="([0-9a-f]+)",opaque="([^"]*)"(,stale=true)?$/;
  const match = form.exec(field);
  if (!match) throw new Error(`not a challenge of the contract: ${field}`);
  const [, realm = '', algorithm, nonce = '', opaque = '', stale] = match;
  return { realm, algorithm: algorithm as 'MD5' | 'SHA-256', nonce, opaque, stale: stale !== undefined };
}

export interface AnswerParts {
  username: string;
  password: string;
  method: string;
  uri: string;
  nc?: number | string;
  cnonce?: string;
  /** Stands for the HA1 of the password: what somebody computes with who knows what is stored. */
  ha1?: string;
}

/** The value of an Authorization header that answers a challenge. */
export function answerChallenge(challenge: ParsedChallenge, parts: AnswerParts, overrides: Record<string, string | null> = {}): string {
  const { username, password, method, uri } = parts;
  const nc = typeof parts.nc === 'string' ? parts.nc : (parts.nc ?? 1).toString(16).padStart(8, '0');
  const cnonce = parts.cnonce ?? randomBytes(8).toString('hex');
  const h = (text: string) =>
    createHash(challenge.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const a1 = parts.ha1 ?? h([username, challenge.realm, password].join(':'));
  const a2 = h([method, uri].join(':'));
  const response = h([a1, challenge.nonce, nc, cnonce, 'auth', a2].join(':'));
  const parameters: Record<string, string | null> = {
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
    ...overrides,
  };
  const list = Object.entries(parameters).filter(([, value]) => value !== null);
  return `Digest ${list.map(([name, value]) => `${name}=${value}`).join(', ')}`;
}
