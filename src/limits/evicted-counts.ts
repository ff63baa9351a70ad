import { createHash, randomBytes } from 'node:crypto';

/** What a key that has left began to count, and when that ends. */
export interface EvictedCount {
  readonly used: number;
  /** In milliseconds since 1970. */
  readonly endsAt: number;
}

/** Cells that a key has, each in a row of its own. */
const ROWS = 4;
/** Cells of a row; a power of two. */
const WIDTH = 131_072;
/** The highest count that a cell holds. */
const MOST = 255;

/**
 * The counts of keys that a {@link BoundedCounts} has no room for, in a fixed amount of memory: a count-min sketch with conservative update.
 *
 * A key has a cell in each of several rows, which it shares with other keys, and raises those of its cells that are lower than its count.
 * The lowest of them is its count, or a little more: never less, up to {@link MOST}. Which keys share a cell is drawn anew by each process,
 * so that strangers cannot foresee it. Counts that end in the same stretch of time share a sketch, which is dropped at the end of the stretch: an
 * evicted count may last up to twice as long as others.
 *
 * A flood of keys that count once each raises the counts of all new keys slowly and evenly: `bounded-counts.spec.ts` has 600,000 of them.
 */
export class EvictedCounts {
  private readonly salt = randomBytes(16);
  /** By the number of the stretch of time in which its counts end; two of them at most. */
  private readonly sketches = new Map<number, Uint8Array>();

  /** @param milliseconds that a count lasts, and that a stretch of time takes. */
  constructor(private readonly milliseconds: number) {}

  /** A count that is at least what the key had when it left; undefined where it has none. */
  read(key: string, now: number): EvictedCount | undefined {
    this.dropEnded(now);
    if (this.sketches.size === 0) return undefined;
    const cells = this.cellsOf(key);
    let found: EvictedCount | undefined;
    for (const [stretch, sketch] of this.sketches) {
      const used = lowest(sketch, cells);
      if (used === 0) continue;
      // No count of this moment can last longer. Within the stretch, so that it stays there if the key is evicted again.
      const endsAt = Math.min((stretch + 1) * this.milliseconds - 1, now + this.milliseconds);
      found = { used: Math.max(found?.used ?? 0, used), endsAt: Math.max(found?.endsAt ?? 0, endsAt) };
    }
    return found;
  }

  /** Keeps the count of a key that leaves. */
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
    for (const stretch of this.sketches.keys()) if ((stretch + 1) * this.milliseconds <= now) this.sketches.delete(stretch);
  }

  private cellsOf(key: string): number[] {
    const hash = createHash('sha256').update(this.salt).update(key).digest();
    return Array.from({ length: ROWS }, (_, row) => row * WIDTH + (hash.readUInt32LE(4 * row) % WIDTH));
  }
}

function lowest(sketch: Uint8Array, cells: readonly number[]): number {
  return Math.min(...cells.map((cell) => sketch[cell] ?? 0));
}
