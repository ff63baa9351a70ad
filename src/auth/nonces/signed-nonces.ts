import { createHmac, timingSafeEqual } from 'node:crypto';
import { unpredictableBytes } from '../../common/random.js';
import { deriveKey } from '../../common/secrets.js';

/** The account and realm that a nonce is created for. It is valid for no other. */
export interface NonceHolder {
  readonly accountId: number;
  readonly realm: string;
}

export type NonceVerdict = 'valid' | 'expired' | 'foreign';

const VERSION = 1;
const TIME_BYTES = 6;
const RANDOM_BYTES = 12;
const HEAD_BYTES = 1 + TIME_BYTES + RANDOM_BYTES;
const SIGNATURE_BYTES = 16;
const FORM = new RegExp(`^[0-9a-f]{${2 * (HEAD_BYTES + SIGNATURE_BYTES)}}$`);

/** The maximum difference between the clocks of two processes, in milliseconds. */
export const CLOCK_SKEW = 60_000;

/**
 * Creates and verifies Digest nonces without storing them. So a challenge writes nothing, and a nonce of one process is
 * valid in all processes.
 *
 * A nonce is, in lower-case hexadecimal: version (1 byte), time in milliseconds (6), random (12), and the first 16
 * bytes of an HMAC-SHA-256 over those, the account and the realm. The lifetime is part of the key. So a nonce created
 * under another setting is foreign, which keeps the purge of used nonces simple.
 */
export class SignedNonces {
  private readonly key: Buffer;

  /**
   * @param lifetime the lifetime of a nonce, in seconds.
   * @param store the store that records its counts. It is part of the key, because the records of another store are
   * unknown here.
   */
  constructor(
    appKey: string,
    private readonly lifetime: number,
    store = 'database',
  ) {
    const kind = store === 'database' ? '' : `, store ${store}`;
    // Equivalent mutant `version , lifetime`: the text may be any that derives no other key.
    this.key = deriveKey(appKey, `digest nonce, version ${VERSION}, lifetime ${lifetime} s${kind}`);
  }

  /** The creation time of a valid nonce, in milliseconds. */
  static timeOf(nonce: string): number {
    return Number.parseInt(nonce.slice(2, 2 + 2 * TIME_BYTES), 16);
  }

  create(holder: NonceHolder, now: Date): string {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(VERSION, 0);
    head.writeUIntBE(now.getTime(), 1, TIME_BYTES);
    unpredictableBytes(RANDOM_BYTES).copy(head, 1 + TIME_BYTES);
    return Buffer.concat([head, this.sign(head, holder)]).toString('hex');
  }

  verify(nonce: string, holder: NonceHolder, now: Date): NonceVerdict {
    if (!FORM.test(nonce)) return 'foreign';
    const bytes = Buffer.from(nonce, 'hex');
    const head = bytes.subarray(0, HEAD_BYTES);
    if (!timingSafeEqual(bytes.subarray(HEAD_BYTES), this.sign(head, holder))) return 'foreign';
    const age = now.getTime() - head.readUIntBE(1, TIME_BYTES);
    if (age < -CLOCK_SKEW) return 'foreign';
    return age < this.lifetime * 1000 ? 'valid' : 'expired';
  }

  private sign(head: Buffer, { accountId, realm }: NonceHolder): Buffer {
    const signature = createHmac('sha256', this.key).update(head).update(`${accountId}:${realm}`).digest();
    return signature.subarray(0, SIGNATURE_BYTES);
  }
}
