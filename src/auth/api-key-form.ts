import type { Dialect } from '../database/dialect.js';

/** Fewer characters than this are a placeholder that somebody wrote into the table, and no secret. Generated keys have 40. */
const FEWEST = 8;

/** Whether a text can be an API key: visible ASCII, 8 characters at least. What else the table holds opens nothing. */
export function isApiKey(text: string): boolean {
  return text.length >= FEWEST && /^[!-~]+$/.test(text);
}

/** The SQL condition for the rows of `api_keys k` that {@link isApiKey} refuses. */
export function unusableKeys(dialect: Dialect): string {
  const isOdd = dialect === 'mysql' ? "k.`key` REGEXP '[^!-~]'" : "k.`key` GLOB '*[^!-~]*'";
  return `LENGTH(k.\`key\`) < ${FEWEST} OR ${isOdd}`;
}
