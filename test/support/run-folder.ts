import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isSlow } from './parts.js';

const KIND = '.e2e-spec.ts';

/**
 * Runs the quick end-to-end tests of a folder as one file. The application is then loaded once and not once per file. A
 * file inherits the process state of the files before it, so tests restore what they change.
 *
 * @param folder absolute.
 */
export function runFolder(folder: string): void {
  const root = join(__dirname, '../..');
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(KIND))
    .toSorted()) {
    const path = join(folder, name);
    // oxlint-disable-next-line typescript/no-require-imports -- within `describe`, so that the hooks of the file are those of its tests
    if (!isSlow(relative(root, path))) describe(name.slice(0, -KIND.length), () => void require(path));
  }
}
