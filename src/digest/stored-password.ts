import { PASSWORD_ALGORITHMS, type PasswordAlgorithm } from '../database/entities/password.entity.js';
import type { Dialect } from '../database/dialect.js';
import { DIGEST_ALGORITHMS, type DigestAlgorithm, ha1 } from './ha1.js';

/** A row of `passwords`, usable or not. */
export interface PasswordRow {
  readonly algorithm: string | null;
  readonly password: string | null;
}

/** A password that an account can log in with. */
export interface UsablePassword {
  readonly algorithm: PasswordAlgorithm;
  /** HA1 in lower-case hexadecimal. For the algorithm CLRTXT, the password itself. */
  readonly password: string;
}

/** Number of hexadecimal digits of an HA1. */
const HA1_DIGITS: Readonly<Record<DigestAlgorithm, number>> = { MD5: 32, 'SHA-256': 64 };

/**
 * Returns the password that a row of `passwords` lets an account log in with.
 *
 * A usable row has a well-formed HA1 of its algorithm, with digits in either case, as Flexisip compares it, or a
 * clear-text password that is not empty. Any other row (`*`, an empty text, a hash of another length, an unknown
 * algorithm) holds no secret: the answer of a Digest client can be computed from it. Such a row is ignored.
 *
 * @returns null for an ignored row.
 */
export function usablePassword({ algorithm, password }: PasswordRow): UsablePassword | null {
  if (!isPasswordAlgorithm(algorithm) || !password) return null;
  if (algorithm === 'CLRTXT') return { algorithm, password };
  return password.length === HA1_DIGITS[algorithm] && /^[0-9a-f]+$/i.test(password)
    ? { algorithm, password: password.toLowerCase() }
    : null;
}

/** The SQL condition for the rows of `passwords p` that {@link usablePassword} ignores. */
export function unusablePasswords(dialect: Dialect): string {
  const isMysql = dialect === 'mysql';
  // Flexisip compares the names of algorithms byte for byte.
  const algorithm = isMysql ? 'CAST(p.algorithm AS BINARY)' : 'p.algorithm';
  const isNotHex = isMysql ? "p.password REGEXP '[^0-9a-fA-F]'" : "p.password GLOB '*[^0-9a-fA-F]*'";
  const isNoHa1 = DIGEST_ALGORITHMS.map(
    (name) => `(${algorithm} = '${name}' AND (LENGTH(p.password) <> ${HA1_DIGITS[name]} OR ${isNotHex}))`,
  );
  const names = PASSWORD_ALGORITHMS.map((name) => `'${name}'`).join(', ');
  return [
    'p.algorithm IS NULL',
    'p.password IS NULL',
    `${algorithm} NOT IN (${names})`,
    'LENGTH(p.password) = 0',
    ...isNoHa1,
  ].join(' OR ');
}

/**
 * The algorithms to challenge an account with. A clear-text password serves both. An account without a password gets
 * both.
 */
export function offeredAlgorithms(passwords: readonly Pick<UsablePassword, 'algorithm'>[]): DigestAlgorithm[] {
  const stored = new Set(passwords.map(({ algorithm }) => algorithm));
  const offered = DIGEST_ALGORITHMS.filter((algorithm) => stored.has(algorithm) || stored.has('CLRTXT'));
  return offered.length > 0 ? offered : [...DIGEST_ALGORITHMS];
}

/** The HA1 of an account for an algorithm, from its usable passwords. Null if no password serves the algorithm. */
export function storedHa1(
  passwords: readonly UsablePassword[],
  algorithm: DigestAlgorithm,
  username: string,
  realm: string,
): string | null {
  // Equivalent mutant `passwords.findLast`: a unique index allows one password for each algorithm.
  const hashed = passwords.find((password) => password.algorithm === algorithm);
  if (hashed) return hashed.password;
  // Equivalent mutant `passwords.findLast`: by the same index.
  const clear = passwords.find((password) => password.algorithm === 'CLRTXT');
  return clear ? ha1(algorithm, username, realm, clear.password) : null;
}

function isPasswordAlgorithm(name: string | null): name is PasswordAlgorithm {
  return (PASSWORD_ALGORITHMS as readonly (string | null)[]).includes(name);
}
