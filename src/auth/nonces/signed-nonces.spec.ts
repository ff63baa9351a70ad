import { SignedNonces } from './signed-nonces.js';

const KEY = 'a secret of at least 32 characters';
const alice = { accountId: 1, realm: 'sip.example.org' };
const now = new Date('2026-11-24T10:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);

describe('a signed nonce', () => {
  const nonces = new SignedNonces(KEY, 300);
  const nonce = nonces.create(alice, now);

  it('is hexadecimal, and new each time', () => {
    expect(nonce).toMatch(/^[0-9a-f]{70}$/);
    expect(nonces.create(alice, now)).not.toBe(nonce);
  });

  it('has its version, its time, and twelve bytes that are drawn', () => {
    const drawn = Array.from({ length: 200 }, () => Buffer.from(nonces.create(alice, now), 'hex'));
    for (const bytes of drawn) {
      expect(bytes.readUInt8(0)).toBe(1);
      expect(bytes.readUIntBE(1, 6)).toBe(now.getTime());
    }
    for (let place = 7; place < 19; place++)
      expect(new Set(drawn.map((bytes) => bytes[place])).size).toBeGreaterThan(50);
  });

  it('is valid for its lifetime, to the millisecond', () => {
    expect(nonces.verify(nonce, alice, now)).toBe('valid');
    expect(nonces.verify(nonce, alice, new Date(after(300).getTime() - 1))).toBe('valid');
    expect(nonces.verify(nonce, alice, after(300))).toBe('expired');
  });

  it('is valid where another process has the same key, with a clock up to a minute behind', () => {
    expect(new SignedNonces(KEY, 300).verify(nonce, alice, after(-60))).toBe('valid');
    expect(new SignedNonces(KEY, 300).verify(nonce, alice, after(-60.001))).toBe('foreign');
  });

  it('is foreign to another account, realm, key or lifetime', () => {
    expect(nonces.verify(nonce, { ...alice, accountId: 2 }, now)).toBe('foreign');
    expect(nonces.verify(nonce, { ...alice, realm: 'other' }, now)).toBe('foreign');
    expect(new SignedNonces(`${KEY}!`, 300).verify(nonce, alice, now)).toBe('foreign');
    expect(new SignedNonces(KEY, 600).verify(nonce, alice, now)).toBe('foreign');
  });

  it('is foreign with any bit changed', () => {
    const bytes = Buffer.from(nonce, 'hex');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const forged = Buffer.from(bytes);
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(nonces.verify(forged.toString('hex'), alice, now)).toBe('foreign');
    }
  });

  it.each(['', 'e77a98292b440774ebd53c31e237536a', nonce.toUpperCase(), `${nonce}00`, nonce.slice(2), `${nonce} `])(
    'is not %j',
    (text) => {
      expect(nonces.verify(text, alice, now)).toBe('foreign');
    },
  );
});
