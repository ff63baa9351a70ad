import type { Change, Database } from '../../support/planted/planted-tree.js';

/** A piece of our source that occurs exactly once, and the text that a weak server has instead. */
export interface Edit {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly instead: string;
}

/** A weakness that a server like ours had or could have, and the test that catches it. */
export interface Weakness {
  /** Describes the weakness in one line. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The test file that must fail, and a part of the name of one test in it that must be among the failed ones. */
  readonly caughtBy: { readonly file: string; readonly test: string };
  /** The database of the test; SQLite by default. Some weaknesses do not exist there. */
  readonly database?: Database;
}

/**
 * Finds the place of an edit.
 *
 * @throws an Error if the text does not occur exactly once: the source has changed, and the weakness must follow.
 */
export function locate({ file, find, instead }: Edit, source: string): Change {
  const start = source.indexOf(find);
  if (start === -1) throw new Error(`${file} no longer has: ${find}`);
  if (source.indexOf(find, start + 1) !== -1) throw new Error(`${file} has more than once: ${find}`);
  return { file, start, end: start + find.length, text: instead };
}
