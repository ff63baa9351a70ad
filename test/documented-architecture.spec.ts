import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file: string) => readFileSync(join(__dirname, '..', file), 'utf8');
const namesIn = (text: string, quote: string) =>
  [...text.matchAll(new RegExp(`${quote}([\\w-]+)${quote}`, 'g'))].map(([, name]) => name);

/** The part of a text between two marks, without them. */
function between(text: string, begin: string, end: string): string {
  const [, after] = text.split(begin);
  if (after === undefined) throw new Error(`${begin} is missing`);
  return after.slice(0, after.indexOf(end));
}

describe('docs/architecture.md', () => {
  const page = read('docs/architecture.md');

  it('has a row for each layer that npm run layers enforces, from the top', () => {
    const rows = between(page, '| layer, from the top ', '\n\n').split('\n').slice(2);
    const layers = between(read('.dependency-cruiser.mjs'), 'const LAYERS = [\n', '\n];').split('\n');
    const enforced = layers.map((layer) => namesIn(layer, "'")).toReversed();
    expect(enforced.length).toBeGreaterThan(10);
    expect(rows.map((row) => namesIn(row.split('|')[2] ?? '', '`'))).toEqual(enforced);
  });

  it('has the guards of a request in the order in which they run', () => {
    const classesIn = (file: string) => [...read(file).matchAll(/APP_GUARD, useClass: (\w+)/g)].map(([, name]) => name);
    const guards = [...classesIn('src/http/http.module.ts'), ...classesIn('src/auth/auth.module.ts')];
    expect(guards.length).toBeGreaterThan(5);
    expect(between(page, '## The way of a request\n', '\n## ').match(/\b\w+Guard\b/g)).toEqual(guards);
  });
});
