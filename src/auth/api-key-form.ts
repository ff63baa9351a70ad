import type { Dialect } from '../database/dialect.js';

/**
 * The shortest key that counts as a secret. A shorter text in the table is a placeholder. Generated keys have 40
 * characters.
 */
const FEWEST = 8;

/**
 * Whether a text can be an API key: visible ASCII, at least 8 characters. Other texts in the table are never accepted.
 */
export function isApiKey(text: string): boolean {
  return text.length >= FEWEST && /^[!-~]+$/.test(text);
}

/** The SQL condition for the rows of `api_keys k` that {@link isApiKey} refuses. */
export function unusableKeys(dialect: Dialect): string {
  const isOdd = dialect === 'mysql' ? "k.`key` REGEXP '[^!-~]'" : "k.`key` GLOB '*[^!-~]*'";
  return `LENGTH(k.\`key\`) < ${FEWEST} OR ${isOdd}`;
}
