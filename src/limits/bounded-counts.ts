import { createHash, randomBytes } from 'node:crypto';

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

/** The share of all keys that makes room at a time: to rank them costs as much for one as for many. */
const SHARE = 0.1;

/** Milliseconds between two looks for keys whose time is over; a look passes the places of all that have left. */
const PAUSE = 1_000;

const SLOTS = 65_536;
const NOTHING: Count = { used: 0, msLeft: 0 };

/**
 * Counts by keys that strangers choose, in bounded memory, without ever counting too little.
 *
 * When there are too many keys, those with the least counts leave: what is at its limit, or near it, stays. A key that leaves is not
 * forgotten. Its count goes into one of a fixed number of slots, where the highest count of all keys of the slot is kept, and a key that
 * comes new, or comes back, begins with what its slot holds. So nobody resets a count by a flood of other keys; the worst that a flood
 * does is that some keys begin with the low counts of keys that had to leave. Which keys share a slot is drawn anew by each process.
 */
export class BoundedCounts {
  /** In the order in which they end, but for those that have begun with the count of a slot. */
  private readonly entries = new Map<string, Entry>();
  /** Absent until keys had to leave. */
  private slots: Slots | undefined;
  private readonly milliseconds: number;
  private nextLook = 0;

  /**
   * @param seconds after which counting begins anew.
   * @param whenFull called when keys have to leave for the first time.
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
    const entry = this.find(key, now) ?? this.slots?.read(key, now);
    return entry ? { used: entry.used, msLeft: entry.endsAt - now } : NOTHING;
  }

  /** Begins anew. */
  clear(key: string): void {
    const now = Date.now();
    this.entries.delete(key);
    // Without an entry of its own it would begin with what its slot holds.
    const inherited = this.slots?.read(key, now);
    if (inherited) this.insert(key, { used: 0, endsAt: inherited.endsAt }, now);
  }

  private find(key: string, now: number): Entry | undefined {
    const entry = this.entries.get(key);
    if (!entry || entry.endsAt > now) return entry;
    this.entries.delete(key);
    return undefined;
  }

  private create(key: string, now: number): Entry {
    return this.insert(key, this.slots?.read(key, now) ?? { used: 0, endsAt: now + this.milliseconds }, now);
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
    if (!this.slots) this.whenFull();
    this.slots ??= new Slots();
    const ranked = Uint32Array.from(this.entries.values(), ({ used }) => used).sort();
    const wanted = Math.ceil(this.mostKeys * SHARE);
    const highest = ranked[wanted - 1] ?? 0;
    // Of those with the highest count that has to leave, the ones that end first.
    let leaving = wanted - ranked.indexOf(highest);
    for (const [key, entry] of this.entries) {
      if (entry.used > highest || (entry.used === highest && leaving <= 0)) continue;
      if (entry.used === highest) leaving -= 1;
      this.slots.raise(key, entry, now);
      this.entries.delete(key);
    }
  }
}

/** The highest counts of keys that have left, by a hash of the key that strangers cannot foresee. */
class Slots {
  private readonly salt = randomBytes(16);
  private readonly used = new Uint32Array(SLOTS);
  private readonly endsAt = new Float64Array(SLOTS);

  read(key: string, now: number): Entry | undefined {
    const slot = this.slotOf(key);
    const [used = 0, endsAt = 0] = [this.used[slot], this.endsAt[slot]];
    return endsAt > now && used > 0 ? { used, endsAt } : undefined;
  }

  raise(key: string, { used, endsAt }: Entry, now: number): void {
    if (used === 0 || endsAt <= now) return;
    const slot = this.slotOf(key);
    const before = this.read(key, now);
    this.used[slot] = Math.max(before?.used ?? 0, used);
    this.endsAt[slot] = Math.max(before?.endsAt ?? 0, endsAt);
  }

  private slotOf(key: string): number {
    return createHash('sha256').update(this.salt).update(key).digest().readUInt16LE(0);
  }
}
