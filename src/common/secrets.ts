import { hash, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * Compares two secrets byte for byte. It compares their digests, so the time reveals nothing about either, not even
 * their lengths. An empty text is not a secret and equals nothing.
 */
export function secretsEqual(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer')) && one !== '';
}

/**
 * Derives a separate key for one purpose from APP_KEY (RFC 5869), so that no key reveals another.
 *
 * @returns 32 bytes.
 */
export function deriveKey(appKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', appKey, '', `flexisip-api ${purpose}`, 32));
}
