import { randomFillSync, randomInt } from 'node:crypto';

/** Bytes that are drawn at once: each call to the kernel costs as much as hundreds of them. */
const SUPPLY = 4096;
const supply = Buffer.alloc(SUPPLY);
let used = SUPPLY;

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Draws a secret of so many characters of A-Z, a-z and 0-9, each equally likely. */
export function randomAlphanumeric(length: number): string {
  return Array.from({ length }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join('');
}

/** Draws a code of so many decimal digits, each equally likely. */
export function randomDigits(length: number): string {
  return Array.from({ length }, () => randomInt(10)).join('');
}

/** So many random bytes, 4096 at most, for what is not kept secret once it is drawn: nonces. Copy them: they are overwritten later. */
export function unpredictableBytes(length: number): Buffer {
  if (used + length > SUPPLY) {
    randomFillSync(supply);
    used = 0;
  }
  used += length;
  return supply.subarray(used - length, used);
}
