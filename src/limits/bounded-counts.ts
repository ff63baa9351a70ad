import { EvictedCounts } from './evicted-counts.js';

/** The number of events in a time window. The window starts with the first event. */
export interface Count {
  readonly used: number;
  /** Milliseconds until the window ends and the count restarts at 0. */
  readonly msLeft: number;
}

interface Entry {
  used: number;
  /** When the window ends, in milliseconds since 1970. */
  endsAt: number;
}

/** The most keys with a count of their own. Each takes about 200 bytes. */
export const MOST_KEYS = 10_000;

/** The share of all keys that one eviction removes: ranking the keys costs the same for one as for many. */
const SHARE = 0.1;

/** Milliseconds between two searches for ended windows. A search also passes the places of evicted keys. */
const PAUSE = 1_000;

const NOTHING: Count = { used: 0, msLeft: 0 };

/**
 * Counts events by keys that strangers choose, in bounded memory, and never counts too low.
 *
 * If there are too many keys, the keys with the lowest counts are evicted, so a key at or near its limit stays. The
 * count of an evicted key goes into {@link EvictedCounts}. A new or returning key starts with its count there. So a
 * flood of other keys cannot reset a count. Instead, a large flood makes new keys start a little too high; see there.
 */
export class BoundedCounts {
  /** In the order in which they end, except for those that started with the count of an evicted key. */
  private readonly entries = new Map<string, Entry>();
  /** Undefined until keys are evicted. */
  private evicted: EvictedCounts | undefined;
  private readonly milliseconds: number;
  private nextLook = 0;

  /**
   * @param seconds the length of a window.
   * @param whenFull called when keys are evicted for the first time.
   */
  constructor(
    seconds: number,
    private readonly whenFull: () => void = () => undefined,
    private readonly mostKeys = MOST_KEYS,
  ) {
    this.milliseconds = seconds * 1000;
  }

  /** The number of keys with a count of their own. */
  get size(): number {
    return this.entries.size;
  }

  /**
   * Adds to a count, or subtracts with a negative number.
   *
   * @returns the new count.
   */
  add(key: string, times: number): Count {
    const now = Date.now();
    const entry = this.find(key, now) ?? this.create(key, now);
    entry.used = Math.max(0, entry.used + times);
    return { used: entry.used, msLeft: entry.endsAt - now };
  }

  read(key: string): Count {
    const now = Date.now();
    const entry = this.find(key, now) ?? this.evicted?.read(key, now);
    return entry ? { used: entry.used, msLeft: entry.endsAt - now } : NOTHING;
  }

  /** Resets a count to 0. */
  clear(key: string): void {
    const now = Date.now();
    this.entries.delete(key);
    // Without an entry, the key would start with its evicted count.
    const inherited = this.evicted?.read(key, now);
    if (inherited) this.insert(key, { used: 0, endsAt: inherited.endsAt }, now);
  }

  private find(key: string, now: number): Entry | undefined {
    const entry = this.entries.get(key);
    if (!entry || entry.endsAt > now) return entry;
    this.entries.delete(key);
    return undefined;
  }

  private create(key: string, now: number): Entry {
    return this.insert(key, this.evicted?.read(key, now) ?? { used: 0, endsAt: now + this.milliseconds }, now);
  }

  private insert(key: string, entry: Entry, now: number): Entry {
    if (now >= this.nextLook) this.removeEnded(now);
    if (this.entries.size >= this.mostKeys) this.makeRoom(now);
    this.entries.set(key, entry);
    return entry;
  }

  private removeEnded(now: number): void {
    this.nextLook = now + PAUSE;
    for (const [key, { endsAt }] of this.entries) {
      if (endsAt > now) return;
      this.entries.delete(key);
    }
  }

  private makeRoom(now: number): void {
    if (!this.evicted) this.whenFull();
    this.evicted ??= new EvictedCounts(this.milliseconds);
    const ranked = Uint32Array.from(this.entries.values(), ({ used }) => used).sort();
    const wanted = Math.ceil(this.mostKeys * SHARE);
    const highest = ranked[wanted - 1] ?? 0;
    // Among keys with the highest evicted count, the ones that end first are evicted.
    let remaining = wanted - ranked.indexOf(highest);
    for (const [key, entry] of this.entries) {
      if (entry.used > highest || (entry.used === highest && remaining <= 0)) continue;
      if (entry.used === highest) remaining -= 1;
      this.evicted.raise(key, entry, now);
      this.entries.delete(key);
    }
  }
}
