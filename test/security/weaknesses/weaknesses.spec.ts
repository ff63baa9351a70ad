import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { locate } from './weakness.js';
import { WEAKNESSES } from './weaknesses.js';

const root = join(__dirname, '../../..');

/** `npm run test:weaknesses` takes minutes. This spec checks that its list still matches the source. */
describe('The planted weaknesses', () => {
  it('are at least twelve, each of its own name', () => {
    expect(WEAKNESSES.length).toBeGreaterThanOrEqual(12);
    expect(new Set(WEAKNESSES.map(({ name }) => name)).size).toBe(WEAKNESSES.length);
  });

  it.each(WEAKNESSES)('can be planted: $name', ({ edits }) => {
    for (const edit of edits) {
      const { start, end, text } = locate(edit, readFileSync(join(root, edit.file), 'utf8'));
      expect(end).toBeGreaterThan(start);
      expect(text).not.toBe(edit.find);
    }
  });

  it.each(WEAKNESSES)('are looked for by a file that is there: $name', ({ caughtBy }) => {
    expect(existsSync(join(root, caughtBy.file))).toBe(true);
  });
});
