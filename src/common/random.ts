import { randomFillSync, randomInt } from 'node:crypto';

/** Bytes drawn at once: a system call costs as much as hundreds of bytes. */
const POOL_SIZE = 4096;
const pool = Buffer.alloc(POOL_SIZE);
let used = POOL_SIZE;

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Draws a secret of this many characters from A-Z, a-z and 0-9, each equally likely. */
export function randomAlphanumeric(length: number): string {
  return Array.from({ length }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join('');
}

/** Draws a code of this many decimal digits, each equally likely. */
export function randomDigits(length: number): string {
  return Array.from({ length }, () => randomInt(10)).join('');
}

/**
 * Returns random bytes, 4096 at most, for values that are not secret once drawn, such as nonces. Copy them: the buffer
 * is reused.
 */
export function unpredictableBytes(length: number): Buffer {
  if (used + length > POOL_SIZE) {
    randomFillSync(pool);
    used = 0;
  }
  used += length;
  return pool.subarray(used - length, used);
}
