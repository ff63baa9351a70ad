import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Excuses } from './equivalent.js';
import { isReadable, mutantsOf } from './mutants.js';
import { TARGETS } from './targets.js';

const root = join(__dirname, '../..');
/** A source text with each of its mutants in turn. */
const mutated = (source: string) =>
  mutantsOf('a.ts', source).map(({ start, end, text }) => source.slice(0, start) + text + source.slice(end));

describe('The mutants of', () => {
  it('a comparison are its boundary and its opposite', () => {
    expect(mutated('isOver = age > limit')).toEqual(
      expect.arrayContaining(['isOver = (age >= limit)', 'isOver = (age <= limit)']),
    );
  });

  it('a conjunction forget each side', () => {
    const forgetful = ['is = (isRealm)', 'is = (isTarget)', 'is = (isRealm || isTarget)'];
    expect(mutated('is = isRealm && isTarget')).toEqual(expect.arrayContaining(forgetful));
  });

  it('a template forget each part of it', () => {
    expect(mutated('text = `${id}:${realm}`')).toEqual(
      expect.arrayContaining(['text = `:${realm}`', 'text = `${id}:`']),
    );
  });

  it('an object forget each member', () => {
    expect(mutated('where = { accountId, code }')).toEqual(
      expect.arrayContaining(['where = { code }', 'where = { accountId,  }']),
    );
  });

  it('a chain of updates forget each link but the first', () => {
    const forgetful = ['mac = hmac(key).update(one)', 'mac = hmac(key).update(two)'];
    expect(
      mutated('mac = hmac(key).update(zero).update(one).update(two)').map((one) => one.replace('.update(zero)', '')),
    ).toEqual(expect.arrayContaining(forgetful));
  });

  it('SQL are mistakes in SQL', () => {
    const mistaken = ['sql = `WHERE id = ? OR nc > ?`', 'sql = `WHERE id = ? AND nc >= ?`'];
    expect(mutated('sql = `WHERE id = ? AND nc > ?`')).toEqual(expect.arrayContaining(mistaken));
  });

  it('imports, types, decorators and the words of errors are none', () => {
    const source = `import { a } from 'b';\n@Injectable('x')\nclass C { readonly kind: 'one' | 'two'; }\nthrow new Error('some words');`;
    expect(mutated(source)).toEqual([source.replace(/throw .*/, ';')]);
  });

  it.each(TARGETS.flatMap(({ files }) => files))('%s can all be read as TypeScript', (file) => {
    const source = readFileSync(join(root, file), 'utf8');
    expect(mutantsOf(file, source).filter((mutant) => !isReadable(mutant, source))).toEqual([]);
  });

  it.each(TARGETS.flatMap(({ files }) => files))('%s include each one that a comment calls equivalent', (file) => {
    const source = readFileSync(join(root, file), 'utf8');
    const excuses = new Excuses(file, source);
    const used = mutantsOf(file, source).map((mutant) => excuses.of(mutant));
    expect(used).toEqual(expect.arrayContaining(excuses.all()));
  });

  it('the code below a comment that calls them equivalent are excused, and no others', () => {
    const source = [
      'function f() {',
      '  // A word before. Equivalent mutant `a >= 1`: a is even.',
      '  // Equivalent mutants `nothing` and `a > 2`: nobody',
      '  // asks.',
      '  if (a > 1) b();',
      '  if (a > 1) b();',
      '}',
    ].join('\n');
    const excuses = new Excuses('a.ts', source);
    const excused = mutantsOf('a.ts', source).flatMap((mutant) => {
      const excuse = excuses.of(mutant);
      return excuse ? [`${mutant.line} ${mutant.text}: ${excuse.why}`] : [];
    });
    expect(excused).toEqual(['5 (a >= 1): a is even.', '5 2: nobody asks.', '5 ;: nobody asks.']);
  });
});
