import { EvictedCounts } from './evicted-counts.js';

/** How often something has happened in a stretch of time that began with the first time. */
export interface Count {
  readonly used: number;
  /** Milliseconds until it begins anew. */
  readonly msLeft: number;
}

interface Entry {
  used: number;
  /** When counting begins anew, in milliseconds since 1970. */
  endsAt: number;
}

/** Keys that are counted one by one, at most; each takes some 200 bytes. */
export const MOST_KEYS = 10_000;

/** The share of all keys that is evicted at a time: to rank them costs as much for one as for many. */
const SHARE = 0.1;

/** Milliseconds between two looks for keys whose time is over; a look passes the places of all that were evicted. */
const PAUSE = 1_000;

const NOTHING: Count = { used: 0, msLeft: 0 };

/**
 * Counts by keys that strangers choose, in bounded memory, and never counts too little.
 *
 * When there are too many keys, the ones with the lowest counts are evicted: a key at its limit, or near it, stays. The count of an evicted
 * key goes into {@link EvictedCounts}, and a key that is new, or comes back, begins with what it has there. So nobody resets a count by a
 * flood of other keys. A flood makes new keys begin a little too high instead, and only a large one: see there.
 */
export class BoundedCounts {
  /** In the order in which they end, except those that have begun with the count of an evicted key. */
  private readonly entries = new Map<string, Entry>();
  /** Absent until keys were evicted. */
  private evicted: EvictedCounts | undefined;
  private readonly milliseconds: number;
  private nextLook = 0;

  /**
   * @param seconds after which counting begins anew.
   * @param whenFull called when keys are evicted for the first time.
   */
  constructor(
    seconds: number,
    private readonly whenFull: () => void = () => undefined,
    private readonly mostKeys = MOST_KEYS,
  ) {
    this.milliseconds = seconds * 1000;
  }

  /** How many keys are counted one by one. */
  get size(): number {
    return this.entries.size;
  }

  /** Counts so many more, or less, and tells how many they are now. */
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

  /** Begins anew. */
  clear(key: string): void {
    const now = Date.now();
    this.entries.delete(key);
    // Without an entry of its own it would begin with an evicted count.
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
    // Of the keys with the highest count among those that are evicted, the ones that end first.
    let remaining = wanted - ranked.indexOf(highest);
    for (const [key, entry] of this.entries) {
      if (entry.used > highest || (entry.used === highest && remaining <= 0)) continue;
      if (entry.used === highest) remaining -= 1;
      this.evicted.raise(key, entry, now);
      this.entries.delete(key);
    }
  }
}
