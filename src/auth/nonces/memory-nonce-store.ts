import { NonceStore, type NonceUse, WINDOW } from './nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

interface Seen {
  /** The highest count seen. */
  highest: number;
  /** Bit n says that highest - n was seen. */
  window: bigint;
}

/**
 * Remembers in this process: NONCE_STORE=memory, for a service of one process. What it forgets when it ends no longer counts: a nonce
 * that was made before it began is good for nothing.
 */
export class MemoryNonceStore extends NonceStore {
  /** Two generations, of which the older one goes when it can hold nothing that could still be replayed. */
  private young = new Map<string, Seen>();
  private old = new Map<string, Seen>();
  private turnedAt: number;
  private readonly generation: number;
  private readonly beganAt: number;

  /** @param lifetime seconds for which a nonce is good. */
  constructor(lifetime: number, now: Date) {
    super();
    this.beganAt = this.turnedAt = now.getTime();
    this.generation = lifetime * 1000 + 2 * CLOCK_SKEW;
  }

  async spend({ nonce, madeAt, count }: NonceUse, now: Date): Promise<boolean> {
    if (madeAt <= this.beganAt) return false;
    this.turn(now.getTime());
    const seen = this.young.get(nonce) ?? this.old.get(nonce);
    if (!seen) {
      this.young.set(nonce, { highest: count, window: 1n });
      return true;
    }
    this.young.set(nonce, seen);
    return note(seen, count);
  }

  private turn(now: number): void {
    if (now - this.turnedAt < this.generation) return;
    this.old = now - this.turnedAt < 2 * this.generation ? this.young : new Map();
    this.young = new Map();
    this.turnedAt = now;
  }
}

function note(seen: Seen, count: number): boolean {
  const above = count - seen.highest;
  if (above > 0) {
    seen.window = above < WINDOW ? BigInt.asUintN(WINDOW, seen.window << BigInt(above)) | 1n : 1n;
    seen.highest = count;
    return true;
  }
  if (-above >= WINDOW) return false;
  const bit = 1n << BigInt(-above);
  if ((seen.window & bit) !== 0n) return false;
  seen.window |= bit;
  return true;
}
