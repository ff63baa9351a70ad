import { createHash, randomBytes } from 'node:crypto';

/** The count of an evicted key, and when it ends. */
export interface EvictedCount {
  readonly used: number;
  /** In milliseconds since 1970. */
  readonly endsAt: number;
}

/** Cells of a key, one in each row. */
const ROWS = 4;
/** Cells of a row; a power of two. */
const WIDTH = 131_072;
/** The highest count of a cell. */
const MOST = 255;

/**
 * The counts of keys that {@link BoundedCounts} has evicted, in a fixed amount of memory: a count-min sketch with
 * conservative update.
 *
 * A key has one cell in each of several rows and shares it with other keys. Adding a key raises those of its cells that
 * are lower than its count. The lowest of its cells is its count, or a little more. Up to {@link MOST}, it is never
 * less. Each process draws a random salt that decides which keys share a cell, so strangers cannot predict it. Counts
 * that end in the same period share a sketch, which is dropped at the end of the period. An evicted count may therefore
 * last up to twice as long as others.
 *
 * A flood of keys that count once each raises the counts of all new keys slowly and evenly: `bounded-counts.spec.ts`
 * uses 600,000 of them.
 */
export class EvictedCounts {
  private readonly salt = randomBytes(16);
  /** Sketches by the number of the period in which their counts end; at most two. */
  private readonly sketches = new Map<number, Uint8Array>();

  /** @param milliseconds the length of a window, and of a period. */
  constructor(private readonly milliseconds: number) {}

  /** Reads the count of an evicted key. It is at least the count at eviction; undefined if there is none. */
  read(key: string, now: number): EvictedCount | undefined {
    this.dropEnded(now);
    if (this.sketches.size === 0) return undefined;
    const cells = this.cellsOf(key);
    let found: EvictedCount | undefined;
    for (const [stretch, sketch] of this.sketches) {
      const used = lowest(sketch, cells);
      if (used === 0) continue;
      // No current count can last longer. The end stays within the period, so that a key that is evicted again stays
      // there.
      const endsAt = Math.min((stretch + 1) * this.milliseconds - 1, now + this.milliseconds);
      found = { used: Math.max(found?.used ?? 0, used), endsAt: Math.max(found?.endsAt ?? 0, endsAt) };
    }
    return found;
  }

  /** Stores the count of an evicted key. */
  raise(key: string, { used, endsAt }: EvictedCount, now: number): void {
    this.dropEnded(now);
    if (used === 0 || endsAt <= now) return;
    const stretch = Math.floor(endsAt / this.milliseconds);
    const sketch = this.sketches.get(stretch) ?? new Uint8Array(ROWS * WIDTH);
    this.sketches.set(stretch, sketch);
    const kept = Math.min(used, MOST);
    for (const cell of this.cellsOf(key)) sketch[cell] = Math.max(sketch[cell] ?? 0, kept);
  }

  private dropEnded(now: number): void {
    for (const stretch of this.sketches.keys())
      if ((stretch + 1) * this.milliseconds <= now) this.sketches.delete(stretch);
  }

  private cellsOf(key: string): number[] {
    const hash = createHash('sha256').update(this.salt).update(key).digest();
    return Array.from({ length: ROWS }, (_, row) => row * WIDTH + (hash.readUInt32LE(4 * row) % WIDTH));
  }
}

function lowest(sketch: Uint8Array, cells: readonly number[]): number {
  return Math.min(...cells.map((cell) => sketch[cell] ?? 0));
}
