import * as fc from 'fast-check';
import { toSmsText } from './gsm-alphabet.js';

/**
 * The default alphabet by the codes of 3GPP TS 23.038 §6.2.1, written as code points, independently of the code under
 * test.
 */
const BASIC = [
  0x40, 0xa3, 0x24, 0xa5, 0xe8, 0xe9, 0xf9, 0xec, 0xf2, 0xc7, 0x0a, 0xd8, 0xf8, 0x0d, 0xc5, 0xe5, 0x394, 0x5f, 0x3a6,
  0x393, 0x39b, 0x3a9, 0x3a0, 0x3a8, 0x3a3, 0x398, 0x39e, 0xc6, 0xe6, 0xdf, 0xc9, 0x20, 0x21, 0x22, 0x23, 0xa4, 0x25,
  0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38,
  0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0xa1, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b,
  0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0xc4, 0xd6, 0xd1, 0xdc,
  0xa7, 0xbf, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71,
  0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0xe4, 0xf6, 0xf1, 0xfc, 0xe0,
];
const EXTENSION = [0x0c, 0x5e, 0x7b, 0x7d, 0x5c, 0x5b, 0x7e, 0x5d, 0x7c, 0x20ac];
const alphabet = new Set([...BASIC, ...EXTENSION].map((code) => String.fromCodePoint(code)));
const characters = [...alphabet];

/** Typographic characters that are replaced. No other character is ever changed. */
const TYPOGRAPHY = /[’‘“”«»–—…\u00a0\u202f\u2011]/u;

describe('The alphabet of SMS', () => {
  it('has its 127 characters and the 10 of the extension', () => {
    expect([BASIC.length, EXTENSION.length, alphabet.size]).toEqual([127, 10, 137]);
    for (const character of characters) expect(toSmsText(character)).toEqual({ text: character, is7Bit: true });
  });

  it('has no other character of Unicode’s first plane, but for typography', () => {
    const others: string[] = [];
    for (let code = 0; code < 0x1_0000; code += 1) {
      const character = String.fromCodePoint(code);
      // A character that is only another code for a character of the alphabet counts as that character.
      if (character.normalize('NFC') !== character) continue;
      if (!alphabet.has(character) && toSmsText(character).is7Bit) others.push(character);
    }
    expect(others.filter((character) => !TYPOGRAPHY.test(character))).toEqual([]);
    expect(others).toHaveLength(12);
  });

  it('takes a letter and its accent for the one letter they are', () => {
    expect(toSmsText('e\u0301')).toEqual({ text: 'é', is7Bit: true });
  });

  it.each(['ê', 'ç', 'œ', 'Ê', '`', '\t', '\u001b', 'Ж', '字', '😀'])(
    'cannot write %j, which stays as it is',
    (character) => {
      expect(toSmsText(`a’${character}`)).toEqual({ text: `a’${character}`, is7Bit: false });
    },
  );

  it.each([
    ['l’été', "l'été"],
    ['‘a’', "'a'"],
    ['“a”', '"a"'],
    ['«\u00a0a\u202f»', '" a "'],
    ['a – b — c', 'a - b - c'],
    ['a…', 'a...'],
    ['a\u2011b', 'a-b'],
  ])('writes %j as %j', (text, plain) => {
    expect(toSmsText(text)).toEqual({ text: plain, is7Bit: true });
  });

  it('has every character of a text that counts as 7-bit, and a text that does not count is left as it is', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...characters, '’', '…', '\u00a0', 'ê') }),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const sms = toSmsText(text);
        expect(sms.is7Bit).toBe([...sms.text].every((character) => alphabet.has(character)));
        expect(sms.is7Bit || sms.text === text).toBe(true);
      }),
    );
  });

  it('leaves a text unchanged that has only its characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...characters) }), (text) => {
        expect(toSmsText(text)).toEqual({ text, is7Bit: true });
      }),
    );
  });
});
