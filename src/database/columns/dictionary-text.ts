import type { ValueTransformer } from 'typeorm';

/** Texts by key. */
export type Dictionary = Readonly<Record<string, string>>;

/** Reads a dictionary that is stored as a JSON object. A text that is none, or a value that is no text, is left out. */
export function parseDictionary(text: string | null): Dictionary {
  if (text === null || text === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}

/** Writes a dictionary as JSON; null for an empty one. */
export function formatDictionary(dictionary: Dictionary): string | null {
  return Object.keys(dictionary).length === 0 ? null : JSON.stringify(dictionary);
}

/** For a column that holds a dictionary. */
export const dictionaryText: ValueTransformer = {
  to: (dictionary: Dictionary | undefined) => dictionary && formatDictionary(dictionary),
  from: parseDictionary,
};
