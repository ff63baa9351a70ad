import * as fc from 'fast-check';
import { formatSip, parseFrom, parseSipPath } from './sip-address.js';

const HOST_CHARACTERS = [...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789.-'];
/** A host that may stand in a `From` header. */
const host = fc.string({ unit: fc.constantFrom(...HOST_CHARACTERS), minLength: 1, maxLength: 64 });
/** A username of any well-formed text without control characters. */
const username = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));
const scheme = fc.constantFrom('sip:', 'SIP:', 'Sip:', 'sIP:');
/** Any text that may follow a first `;`. */
const parameters = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'binary' }).map((text) => `;${text}`),
);

/** Percent-encodes all characters that need it and some that do not, in either case of the digits. */
const encodedIn = (text: string, choices: readonly number[]) =>
  Array.from(text, (character, index) => {
    const choice = choices[index % choices.length] ?? 0;
    if (choice === 0 && /^[A-Za-z0-9\-_.!~*'()&=+$,?/]$/.test(character)) return character;
    const encoded = Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    return choice === 1 ? encoded.toUpperCase() : encoded;
  }).join('');
const choices = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 10 });

describe('parseFrom', () => {
  it.each([
    ['sip:user@domain', 'user', 'domain'],
    ['SIP:user@domain', 'user', 'domain'],
    ['sIp:User@Domain', 'User', 'Domain'],
    ['sip:user@sip.example.org;transport=tls', 'user', 'sip.example.org'],
    ['sip:user@sip.example.org;', 'user', 'sip.example.org'],
    ['sip:user@sip.example.org;a=b@c;<>"\0', 'user', 'sip.example.org'],
    ['sip:+33612345678@sip.example.org', '+33612345678', 'sip.example.org'],
    ['sip:%2B33612345678@sip.example.org', '+33612345678', 'sip.example.org'],
    ['sip:%2b33612345678@sip.example.org', '+33612345678', 'sip.example.org'],
    ['sip:a%40b@sip.example.org', 'a@b', 'sip.example.org'],
    ['sip:a%3Bb@sip.example.org', 'a;b', 'sip.example.org'],
    ['sip:a%20b@sip.example.org', 'a b', 'sip.example.org'],
    ['sip:j%C3%BCrgen@sip.example.org', 'j\u00fcrgen', 'sip.example.org'],
    ['sip:%F0%9F%92%A9@sip.example.org', '\u{1f4a9}', 'sip.example.org'],
    ['sip:%2541@sip.example.org', '%41', 'sip.example.org'],
    ['sip:%25zz@sip.example.org', '%zz', 'sip.example.org'],
    ['sip:user@192.0.2.1', 'user', '192.0.2.1'],
  ])('takes %j', (header, name, domain) => {
    expect(parseFrom(header)).toEqual({ username: name, domain });
  });

  it.each([
    '',
    ' ',
    'sip',
    'sip:',
    'sip:@',
    'sip:user',
    'sip:user@',
    'sip:@domain',
    'sip:a@b@c',
    'sip:@user@domain',
    'sip:user@@domain',
    'sip:user;x@domain',
    'sip:;user@domain',
    ';sip:user@domain',
    'user@domain',
    '//user@domain',
    'sips:user@domain',
    'tel:+33612345678',
    'mailto:user@domain',
    'sip :user@domain',
    ' sip:user@domain',
    'sip: user@domain',
    'sip:user @domain',
    'sip:user@ domain',
    'sip:user@domain ',
    'sip:us er@domain',
    'sip:user@dom ain',
    '<sip:user@domain>',
    '"User" <sip:user@domain>',
    'User <sip:user@domain>',
    'sip:user@domain,sip:other@domain',
    'sip:user%@domain',
    'sip:user%4@domain',
    'sip:user%zz@domain',
    'sip:%u0041@domain',
    'sip:%00@domain',
    'sip:a%00b@domain',
    'sip:a%0Ab@domain',
    'sip:a%0D%0AX-Injected:%201@domain',
    'sip:a%1Fb@domain',
    'sip:a%7Fb@domain',
    'sip:a%C2%80b@domain',
    'sip:a%C2%9Fb@domain',
    'sip:%C0%80@domain',
    'sip:%C0%AF@domain',
    'sip:%ED%A0%80@domain',
    'sip:%F4%90%80%80@domain',
    'sip:%FF@domain',
    'sip:%C3@domain',
    'sip:a\0b@domain',
    'sip:a\nb@domain',
    'sip:a\tb@domain',
    'sip:user@do\0main',
    'sip:user@domain\n',
    'sip:user\n@domain',
    '\nsip:user@domain',
    'sip:user@domain%00',
    'sip:user%40domain',
  ])('refuses %j', (header) => {
    expect(parseFrom(header)).toBeNull();
  });

  it('never throws, and finds nothing but text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({ unit: 'binary' }).map((text) => `sip:${text}`),
        ),
        (header) => {
          const address = parseFrom(header);
          if (address === null) return;
          expect(address.username).not.toMatch(/\p{Cc}/u);
          expect(address.username.isWellFormed()).toBe(true);
          expect(address.domain).not.toMatch(/[@;\p{Cc}]/u);
          expect(address.username === '' || address.domain === '').toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('never throws on what is almost an address', () => {
    const piece = fc.constantFrom(
      'sip:',
      'SIP:',
      '@',
      ';',
      '%',
      '%4',
      '%00',
      '%zz',
      '%C3',
      '%A9',
      ':',
      '/',
      '<',
      '>',
      '"',
      ' ',
      '\0',
      '\ud800',
      'user',
      '.',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const address = parseFrom(pieces.join(''));
        expect(address === null || formatSip(address) === `${address.username}@${address.domain}`).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives back every address that is written into it, however it is encoded', () => {
    fc.assert(
      fc.property(scheme, username, host, parameters, choices, (written, name, domain, rest, how) => {
        expect(parseFrom(`${written}${encodedIn(name, how)}@${domain}${rest}`)).toEqual({ username: name, domain });
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses an encoded control character anywhere in the user', () => {
    const control = fc.oneof(fc.integer({ min: 0, max: 0x1f }), fc.integer({ min: 0x7f, max: 0x9f }));
    fc.assert(
      fc.property(username, control, username, host, (before, code, after, domain) => {
        const user = encodeURIComponent(`${before}${String.fromCodePoint(code)}${after}`);
        expect(parseFrom(`sip:${user}@${domain}`)).toBeNull();
      }),
    );
  });

  it('does not fold, trim or normalize', () => {
    fc.assert(
      fc.property(username, username, (one, other) => {
        const [first, second] = [
          parseFrom(`sip:${encodeURIComponent(one)}@d`),
          parseFrom(`sip:${encodeURIComponent(other)}@d`),
        ];
        expect(first?.username === second?.username).toBe(one === other);
      }),
    );
  });

  it.each([
    ['digits', `sip:${'1'.repeat(100_000)}@domain`],
    ['no end', `sip:${'a'.repeat(100_000)}`],
    ['escapes', `sip:${'%41'.repeat(100_000)}@domain`],
    ['broken escapes', `sip:${'%4'.repeat(100_000)}@domain`],
    ['signs', `sip:${'@'.repeat(100_000)}`],
    ['semicolons', `sip:a@b${';'.repeat(100_000)}`],
    ['a long host with a bad end', `sip:a@${'a.'.repeat(100_000)}!`],
    ['a long user with a bad end', `sip:${'a%20'.repeat(100_000)}\0@b`],
  ])('is done at once with 100,000 %s', (_name, header) => {
    const address = parseFrom(header);
    expect(address === null || address.username.length > 0).toBe(true);
  });
});

describe('parseSipPath', () => {
  it.each([
    ['user@domain', 'user', 'domain'],
    ['+33612345678@sip.example.org', '+33612345678', 'sip.example.org'],
    ['User@Domain', 'User', 'Domain'],
    ['a b@c', 'a b', 'c'],
  ])('takes %j as it is', (text, name, domain) => {
    expect(parseSipPath(text)).toEqual({ username: name, domain });
  });

  it.each(['', '@', 'user', 'user@', '@domain', 'a@b@c', '@@', 'user%40domain'])('refuses %j', (text) => {
    expect(parseSipPath(text)).toBeNull();
  });

  it('decodes nothing a second time', () => {
    expect(parseSipPath('%41@%64')).toEqual({ username: '%41', domain: '%64' });
  });

  it('never throws, and splits at the only @', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(fc.constantFrom('@', 'a', '%40', '\0')).map((parts) => parts.join('')),
        ),
        (text) => {
          const parts = text.split('@');
          const isAddress = parts.length === 2 && parts.every((part) => part !== '');
          const address = parseSipPath(text);
          expect(address).toEqual(isAddress ? { username: parts[0], domain: parts[1] } : null);
          expect(address === null || formatSip(address) === text).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is done at once with 100,000 signs', () => {
    expect(parseSipPath('@'.repeat(100_000))).toBeNull();
  });
});
