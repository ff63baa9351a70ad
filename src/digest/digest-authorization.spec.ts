import * as fc from 'fast-check';
import { type DigestAuthorization, parseDigestAuthorization } from './digest-authorization.js';

const ANSWER = {
  username: 'alice',
  realm: 'sip.example.org',
  nonce: '0123456789abcdef',
  uri: '/api/accounts/me',
  algorithm: 'SHA-256',
  qop: 'auth',
  nc: '00000001',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
} as const;

/** The header with all parameters quoted. `changes` replaces parameters; null removes one. */
function header(changes: Record<string, string | null> = {}): string {
  const list = Object.entries({ ...ANSWER, ...changes }).filter(([, value]) => value !== null);
  return `Digest ${list.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
}

describe('parseDigestAuthorization', () => {
  it('reads what RFC 7616 shows', () => {
    const example =
      'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, ' +
      'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ' +
      'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
    expect(parseDigestAuthorization(example)).toMatchObject({
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      uri: '/dir/index.html',
      algorithm: 'SHA-256',
      qop: 'auth',
      nc: '00000001',
    });
  });

  it.each([
    ['all of it', {}, ANSWER],
    ['MD5', { algorithm: 'MD5' }, { ...ANSWER, algorithm: 'MD5' }],
    ['no algorithm, which means MD5', { algorithm: null }, { ...ANSWER, algorithm: 'MD5' }],
    ['no opaque', { opaque: null }, { ...ANSWER, opaque: undefined }],
    ['an unknown parameter', { 'x-new': 'thing' }, ANSWER],
    ['a comma inside quotes', { uri: '/a?b=1,2,nc=3' }, { ...ANSWER, uri: '/a?b=1,2,nc=3' }],
    [
      'names inside quotes',
      { cnonce: 'a,username="bob'.replace('"', '\\"') },
      { ...ANSWER, cnonce: 'a,username="bob' },
    ],
    ['an escaped quote', { cnonce: 'a\\"b' }, { ...ANSWER, cnonce: 'a"b' }],
    ['an escaped backslash', { cnonce: 'a\\\\b' }, { ...ANSWER, cnonce: 'a\\b' }],
    ['blanks in a value, kept', { cnonce: ' a  b ' }, { ...ANSWER, cnonce: ' a  b ' }],
    ['the highest count', { nc: 'ffffffff' }, { ...ANSWER, nc: 'ffffffff' }],
    ['a count in capitals, exactly as sent', { nc: '0000ABCD' }, { ...ANSWER, nc: '0000ABCD' }],
    ['a parameter named like what objects have', { __proto__x: 'y', constructor: 'z', hasOwnProperty: 'x' }, ANSWER],
  ])('takes %s', (_name, changes, expected) => {
    expect(parseDigestAuthorization(header(changes as Record<string, string>))).toEqual(expected);
  });

  it.each([
    ['DIGEST', header().replace('Digest', 'DIGEST')],
    ['digest', header().replace('Digest', 'digest')],
    [
      'names in capitals',
      header().replace(/\b(username|realm|nonce|uri|algorithm|qop|nc|cnonce|response|opaque)=/g, (name) =>
        name.toUpperCase(),
      ),
    ],
    ['a comma behind the last (RFC 9110 §5.6.1.2)', `${header()},`],
    ['no blanks after commas', header().replaceAll(', ', ',')],
    ['many blanks after commas', header().replaceAll(', ', ',    ')],
    ['tabs around commas', header().replaceAll(', ', '\t,\t')],
    ['blanks around =', header().replaceAll('="', ' = "')],
    ['many blanks after the scheme', header().replace('Digest ', 'Digest    ')],
    ['everything bare', header().replaceAll('"', '')],
  ])('takes %s', (_name, text) => {
    expect(parseDigestAuthorization(text)).toEqual(ANSWER);
  });

  it.each(['username', 'realm', 'nonce', 'uri', 'qop', 'nc', 'cnonce', 'response'])('needs %s', (name) => {
    expect(parseDigestAuthorization(header({ [name]: null }))).toBeNull();
  });

  it.each(['username', 'nonce', 'uri', 'algorithm', 'qop', 'nc', 'cnonce', 'response'])(
    'refuses an empty %s',
    (name) => {
      expect(parseDigestAuthorization(header({ [name]: '' }))).toBeNull();
    },
  );

  it.each(Object.keys(ANSWER))('refuses a doubled %s, equal or not, in any case, wherever it stands', (name) => {
    for (const value of [ANSWER[name as keyof typeof ANSWER], 'other', '']) {
      for (const again of [`${name}="${value}"`, `${name.toUpperCase()}="${value}"`, `${name}=other`]) {
        expect(parseDigestAuthorization(`${header()}, ${again}`)).toBeNull();
        expect(parseDigestAuthorization(header().replace('Digest ', `Digest ${again}, `))).toBeNull();
      }
    }
  });

  it('refuses a doubled parameter it does not even know', () => {
    expect(parseDigestAuthorization(`${header()}, x=1, X=1`)).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['the scheme alone', 'Digest'],
    ['the scheme and a blank', 'Digest '],
    ['another scheme', header().replace('Digest', 'Basic')],
    ['a longer scheme', header().replace('Digest', 'Digested')],
    ['a scheme before it', `Basic YTpi, ${header()}`],
    ['no scheme', header().replace('Digest ', '')],
    ['a blank before the scheme', ` ${header()}`],
    ['a token68', 'Digest YWxpY2U6c2VjcmV0'],
    ['semicolons for commas', header().replaceAll(', ', '; ')],
    ['blanks for commas', header().replaceAll(', ', ' ')],
    ['an open quote at the end', header().slice(0, -1)],
    ['an open quote in the middle', header().replace('alice"', 'alice')],
    ['text after a quoted value', header().replace('"alice"', '"alice"x')],
    ['two values', header().replace('"alice"', '"alice" "bob"')],
    ['no value', header().replace('"alice"', '')],
    ['no name', header().replace('username=', '=')],
    ['no equals sign', header().replace('username=', 'username')],
    ['single quotes around a bare blank', header().replace('"alice"', "'a b'")],
    ['a bare value with a blank', header().replace('"alice"', 'al ice')],
    ['a name in quotes', header().replace('username=', '"username"=')],
    ['qop auth-int', header({ qop: 'auth-int' })],
    ['both qops', header({ qop: 'auth,auth-int' })],
    ['qop in capitals', header({ qop: 'AUTH' })],
    ['algorithm in lower case', header({ algorithm: 'md5' })],
    ['algorithm sha-256', header({ algorithm: 'sha-256' })],
    ['session algorithms', header({ algorithm: 'MD5-sess' })],
    ['SHA-512-256', header({ algorithm: 'SHA-512-256' })],
    ['another algorithm', header({ algorithm: 'toString' })],
    ['count zero', header({ nc: '00000000' })],
    ['a short count', header({ nc: '1' })],
    ['a long count', header({ nc: '000000001' })],
    ['a count that is no number', header({ nc: '0000000g' })],
    ['a count with a sign', header({ nc: '+0000001' })],
    ['a count with a blank', header({ nc: ' 0000001' })],
    ['a count with 0x', header({ nc: '0x000001' })],
  ])('refuses %s', (_name, text) => {
    expect(parseDigestAuthorization(text)).toBeNull();
  });

  describe('for every header', () => {
    const TOKEN = [..."!#$%&'*+-.^_`|~0123456789abcxyzABCXYZ"];
    /** A value that needs no quotes. */
    const bare = fc.string({ unit: fc.constantFrom(...TOKEN), minLength: 1, maxLength: 30 });
    /** A value of any characters that a header may hold. It must be quoted. */
    const anything = fc.string({
      unit: fc.oneof(
        fc.constantFrom(',', '"', '\\', '=', ' ', ';', '\t'),
        fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code)),
      ),
      minLength: 1,
      maxLength: 30,
    });
    const value = fc.oneof(bare, anything);
    const count = fc.integer({ min: 1, max: 0xffffffff }).map((number) => number.toString(16).padStart(8, '0'));
    const answer: fc.Arbitrary<DigestAuthorization> = fc.record({
      username: value,
      realm: value,
      nonce: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 1, maxLength: 80 }),
      uri: value,
      algorithm: fc.constantFrom('MD5' as const, 'SHA-256' as const),
      qop: fc.constant('auth' as const),
      nc: count,
      cnonce: value,
      response: value,
      opaque: fc.option(value, { nil: undefined }),
    });
    const seed = fc.infiniteStream(fc.nat({ max: 1_000 }));

    /** Writes an answer in one of the many forms that the protocol allows. The numbers choose the form. */
    function write(parts: DigestAuthorization, numbers: Iterator<number>): string {
      const draw = <T>(...choice: T[]): T => choice[Number(numbers.next().value) % choice.length] as T;
      const quoted = (text: string) => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
      const name = (text: string) => Array.from(text, (letter) => draw(letter, letter.toUpperCase())).join('');
      const list = Object.entries(parts)
        .filter(([key, text]) => text !== undefined && !(key === 'algorithm' && text === 'MD5' && draw(true, false)))
        .map(([key, text]) => ({ order: Number(numbers.next().value), key, text: String(text) }))
        .toSorted((one, other) => one.order - other.order)
        .map(
          ({ key, text }) =>
            `${name(key)}=${/^[!#$%&'*+\-.^_`|~\w]+$/.test(text) ? draw(text, quoted(text)) : quoted(text)}`,
        );
      return `${name('Digest')}${draw(' ', '  ')}${list.reduce((text, one) => `${text},${draw('', ' ', '  ', '\t')}${one}`)}`;
    }

    it('gives back what was written, in any order, quoting, case and spacing', () => {
      fc.assert(
        fc.property(answer, seed, (parts, numbers) => {
          expect(parseDigestAuthorization(write(parts, numbers[Symbol.iterator]()))).toEqual(parts);
        }),
        { numRuns: 1_000 },
      );
    });

    it('refuses it once any parameter is there twice', () => {
      fc.assert(
        fc.property(answer, seed, fc.nat(), value, (parts, numbers, which, text) => {
          const written = write(parts, numbers[Symbol.iterator]());
          const names = Object.keys(parts).filter((name) =>
            new RegExp(`[ ,\\t]${name}=`, 'i').test(written.replace(/"(\\.|[^"\\])*"/g, '""')),
          );
          const name = names[which % names.length] ?? 'username';
          expect(parseDigestAuthorization(`${written}, ${name}="${text.replaceAll(/[\\"]/g, '')}"`)).toBeNull();
        }),
        { numRuns: 500 },
      );
    });

    it('never throws, and gives nothing that is not whole', () => {
      const piece = fc.constantFrom(
        'Digest ',
        'username',
        'realm',
        'nc',
        'qop',
        '=',
        ',',
        '"',
        '\\',
        ' ',
        '\t',
        '\0',
        'auth',
        '00000001',
        '__proto__',
        '\ud800',
        '\n',
      );
      const text = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }).map((rest) => `Digest ${rest}`),
        fc.array(piece).map((all) => all.join('')),
      );
      fc.assert(
        fc.property(text, (hostile) => {
          expect(parseDigestAuthorization(hostile)).toBeNull();
        }),
        { numRuns: 3_000 },
      );
    });

    it('never throws on a right header with something in it changed', () => {
      fc.assert(
        fc.property(
          fc.nat(),
          fc.nat({ max: 5 }),
          fc.string({ unit: 'binary', maxLength: 3 }),
          (place, length, inserted) => {
            const right = header();
            const at = place % right.length;
            const changed = parseDigestAuthorization(right.slice(0, at) + inserted + right.slice(at + length));
            expect(changed === null || changed.qop === 'auth').toBe(true);
          },
        ),
        { numRuns: 3_000 },
      );
    });
  });

  it.each([
    ['blanks', `Digest ${' '.repeat(100_000)}`],
    ['blanks after the first parameter', `Digest a=b${' '.repeat(100_000)}`],
    ['tabs before an equals sign', `Digest a${'\t'.repeat(100_000)}`],
    ['letters of one name', `Digest ${'a'.repeat(100_000)}`],
    ['letters of one bare value', `Digest a=${'b'.repeat(100_000)}\0`],
    ['letters behind a quote that stays open', `Digest a="${'b'.repeat(100_000)}`],
    ['backslashes behind a quote that stays open', `Digest a="${'\\'.repeat(100_001)}`],
    ['escaped quotes behind one that stays open', `Digest a="${'\\"'.repeat(100_000)}`],
    ['quotes', `Digest ${'"'.repeat(100_000)}`],
    ['commas', `Digest ${','.repeat(100_000)}`],
    ['equals signs', `Digest ${'='.repeat(100_000)}`],
    ['parameters', `Digest ${Array.from({ length: 100_000 }, (_, index) => `a${index}=b`).join(',')}`],
    ['blanks and commas', `Digest a=b${' ,'.repeat(100_000)}`],
  ])('is done at once with 100,000 %s', (_name, hostile) => {
    expect(parseDigestAuthorization(hostile)).toBeNull();
  });
});
