import { randomAlphanumeric, randomDigits } from './random.js';

/** The sorted characters of a text. A draw of 20,000 characters lacks a given character once in 10^140 draws. */
const charactersOf = (text: string) => [...new Set(text)].toSorted().join('');

describe('Random text', () => {
  it.each([0, 1, 4, 13, 40])('has %i characters', (length) => {
    expect(randomAlphanumeric(length)).toHaveLength(length);
    expect(randomDigits(length)).toHaveLength(length);
  });

  it('uses all letters and digits', () => {
    expect(charactersOf(randomAlphanumeric(20_000))).toBe(
      '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    );
  });

  it('of digits uses all of them, a leading zero too', () => {
    expect(charactersOf(randomDigits(20_000))).toBe('0123456789');
    expect(Array.from({ length: 500 }, () => randomDigits(4)).some((code) => code.startsWith('0'))).toBe(true);
  });

  it('differs each time', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => randomAlphanumeric(13))).size).toBe(1_000);
  });
});
