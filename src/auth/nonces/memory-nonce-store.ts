import { NonceStore, type NonceUse, WINDOW } from './nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

/** The maximum number of nonces of one generation. Each takes about 250 bytes. */
const MOST = 25_000;

interface Seen {
  /** The highest count seen. */
  highest: number;
  /** Bit n says that the count highest - n was seen. */
  window: bigint;
}

/**
 * Stores used nonces in the memory of this process: NONCE_STORE=memory, for a service of one process. The memory is
 * lost when the process ends, so nonces created before the start of the process are rejected.
 *
 * The same applies to nonces that are evicted for lack of space. Afterwards the store accepts only nonces that it
 * remembers, and nonces newer than the newest evicted one. So a flood of nonces makes other clients authenticate once
 * more, but never allows a replay.
 */
export class MemoryNonceStore extends NonceStore {
  /**
   * Two generations. The older one is dropped when none of its nonces could be replayed any more, or when there are too
   * many nonces.
   */
  private young = new Generation();
  private old = new Generation();
  private turnedAt: number;
  /** Nonces created until this moment, in milliseconds, may have been used and forgotten. */
  private forgottenUntil: number;
  private readonly generation: number;

  /** @param lifetime the lifetime of a nonce, in seconds. */
  constructor(
    lifetime: number,
    now: Date,
    private readonly most = MOST,
  ) {
    super();
    this.forgottenUntil = this.turnedAt = now.getTime();
    this.generation = lifetime * 1000 + 2 * CLOCK_SKEW;
  }

  async spend({ nonce, madeAt, count }: NonceUse, now: Date): Promise<boolean> {
    this.turn(now.getTime());
    const seen = this.young.seen.get(nonce) ?? this.old.seen.get(nonce);
    if (!seen && madeAt <= this.forgottenUntil) return false;
    this.young.add(nonce, madeAt, seen ?? { highest: count, window: 1n });
    return !seen || note(seen, count);
  }

  private turn(now: number): void {
    const age = now - this.turnedAt;
    if (age < this.generation) {
      if (this.young.seen.size < this.most) return;
      this.forgottenUntil = Math.max(this.forgottenUntil, this.old.newest);
    }
    this.old = age < 2 * this.generation ? this.young : new Generation();
    this.young = new Generation();
    this.turnedAt = now;
  }
}

class Generation {
  readonly seen = new Map<string, Seen>();
  /** The creation time of its newest nonce, in milliseconds. */
  newest = 0;

  add(nonce: string, madeAt: number, seen: Seen): void {
    this.seen.set(nonce, seen);
    this.newest = Math.max(this.newest, madeAt);
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
