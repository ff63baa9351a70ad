/**
 * The two hashes of Digest (RFC 7616 §3.2) for a browser. `crypto.subtle` has no MD5, and does not exist in a page that
 * was not loaded over https, which is how an installation is tried at first.
 */

/** MD5 (RFC 1321) of a text in UTF-8, in lower-case hexadecimal. */
export function md5(text) {
  const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
  const constants = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  const words = paddedWords(text, true);
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d] = state;
    for (let step = 0; step < 64; step++) {
      const round = step >> 4;
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
      const word = words[block + ([step, 5 * step + 1, 3 * step + 5, 7 * step][round] & 15)];
      const sum = (a + mixed + constants[step] + word) | 0;
      [a, d, c, b] = [d, c, b, (b + rotateLeft(sum, shifts[round * 4 + (step & 3)])) | 0];
    }
    [a, b, c, d].forEach((value, index) => (state[index] = (state[index] + value) | 0));
  }
  return hex(state, true);
}

/** SHA-256 (FIPS 180-4) of a text in UTF-8, in lower-case hexadecimal. */
export function sha256(text) {
  const primes = firstPrimes(64);
  const constants = primes.map((prime) => fractionBits(Math.cbrt(prime)));
  const state = primes.slice(0, 8).map((prime) => fractionBits(Math.sqrt(prime)));
  const words = paddedWords(text, false);
  for (let block = 0; block < words.length; block += 16) {
    const schedule = scheduleOf(words.slice(block, block + 16));
    let [a, b, c, d, e, f, g, h] = state;
    for (let step = 0; step < 64; step++) {
      const sum1 = rotateLeft(e, 26) ^ rotateLeft(e, 21) ^ rotateLeft(e, 7);
      const one = (h + sum1 + ((e & f) ^ (~e & g)) + constants[step] + schedule[step]) | 0;
      const sum0 = rotateLeft(a, 30) ^ rotateLeft(a, 19) ^ rotateLeft(a, 10);
      const two = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, index) => (state[index] = (state[index] + value) | 0));
  }
  return hex(state, false);
}

function scheduleOf(block) {
  const schedule = [...block];
  for (let step = 16; step < 64; step++) {
    const [early, late] = [schedule[step - 15], schedule[step - 2]];
    const sigma0 = rotateLeft(early, 25) ^ rotateLeft(early, 14) ^ (early >>> 3);
    const sigma1 = rotateLeft(late, 15) ^ rotateLeft(late, 13) ^ (late >>> 10);
    schedule.push((schedule[step - 16] + sigma0 + schedule[step - 7] + sigma1) | 0);
  }
  return schedule;
}

/** The text as 32-bit words, with the padding of both hashes: a 1, zeros, and the length in bits. */
function paddedWords(text, isLittleEndian) {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n, isLittleEndian);
  return Array.from({ length: padded.length / 4 }, (_, index) => view.getInt32(index * 4, isLittleEndian));
}

function hex(words, isLittleEndian) {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, index) => view.setInt32(index * 4, word, isLittleEndian));
  return Array.from(new Uint8Array(view.buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const rotateLeft = (word, bits) => (word << bits) | (word >>> (32 - bits));

/** The first 32 bits after the point. */
const fractionBits = (number) => Math.floor((number - Math.floor(number)) * 2 ** 32) | 0;

function firstPrimes(count) {
  const primes = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}
