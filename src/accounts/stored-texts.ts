import { ValidationFailed } from '../common/errors/app-error.js';
import { type Dictionary, formatDictionary } from '../database/columns/dictionary-text.js';

/** The members of an account that are texts and are stored unchanged. */
interface Texts {
  readonly username?: string;
  readonly domain?: string;
  readonly email?: string | null;
  readonly displayName?: string | null;
  readonly dictionary?: Dictionary;
}

/** The texts of an account by the name of their column, which is also the name of their member in a request. */
export function textsOf({ username, domain, email, displayName, dictionary }: Texts): Record<string, string> {
  const texts = {
    username,
    domain,
    email,
    display_name: displayName,
    dictionary: dictionary && formatDictionary(dictionary),
  };
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/**
 * @param texts by the name of their column.
 * @param fitting the same texts as the columns can hold them.
 * @throws ValidationFailed for texts that the columns cannot hold unchanged.
 */
export function refuseUnstorable(
  texts: Readonly<Record<string, string>>,
  fitting: Readonly<Record<string, string | undefined>>,
): void {
  const unstorable = Object.keys(texts).filter((name) => fitting[name] !== texts[name]);
  if (unstorable.length === 0) return;
  const message = 'holds characters that the database cannot store, or too many of them';
  throw new ValidationFailed(Object.fromEntries(unstorable.map((name) => [name, [`${name} ${message}`]])));
}
