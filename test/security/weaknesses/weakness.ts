import type { Change, Database } from '../../support/planted/planted-tree.js';

/** A piece of our source, exactly as it stands there once, and what a weak server has instead. */
export interface Edit {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly instead: string;
}

/** A weakness that a server like ours had or could have, and the test that tells of it. */
export interface Weakness {
  /** What is weak, in a line. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The test file that must fail, and a part of the name of one test in it that must be among those that do. */
  readonly caughtBy: { readonly file: string; readonly test: string };
  /** Default SQLite: some weaknesses are none there. */
  readonly database?: Database;
}

/**
 * Finds the place of an edit.
 *
 * @throws an Error if the text is not there exactly once: the source has moved on, and the weakness must follow.
 */
export function locate({ file, find, instead }: Edit, source: string): Change {
  const start = source.indexOf(find);
  if (start === -1) throw new Error(`${file} no longer has: ${find}`);
  if (source.indexOf(find, start + 1) !== -1) throw new Error(`${file} has more than once: ${find}`);
  return { file, start, end: start + find.length, text: instead };
}
