/** The start of a page. */
export interface PageStart {
  /** The smallest id to read. Every account of the page, and every account to skip, has at least this id. */
  readonly firstId: number;
  /** The number of accounts to skip from that id on. */
  readonly skip: number;
  /** The maximum number of accounts from the start of the page to the end of the list. */
  readonly left: number;
}

/**
 * The number of accounts in each range of ids. It gives the total, and the id near which any page begins. With a
 * million accounts, the database takes 90 ms to count them, and 100 ms to skip the accounts before the last page.
 */
export class CountedRanges {
  /** The number of accounts by the number of the range, in ascending order. */
  private readonly counts: Map<number, number>;
  private all = 0;

  /**
   * @param width the number of ids in a range.
   * @param counts accounts by range number (id divided by the width), in ascending order.
   * @param known ids of accounts that were being created or deleted while the counts were read, and whether the counts
   * include them.
   * @param greatest the greatest id that the counts include. Accounts with greater ids are counted when their creation
   * is noted.
   */
  constructor(
    readonly width: number,
    counts: Iterable<readonly [range: number, accounts: number]>,
    private readonly known: Map<number, boolean> = new Map(),
    private readonly greatest = Infinity,
  ) {
    this.counts = new Map(counts);
    for (const count of this.counts.values()) this.all += count;
  }

  get total(): number {
    return this.all;
  }

  /** The width with which the next count has about this many ranges. */
  widthFor(ranges: number, least: number): number {
    const last = [...this.counts.keys()].at(-1) ?? 0;
    return Math.max(least, Math.ceil(((last + 1) * this.width) / ranges));
  }

  /**
   * Records that an account was created or deleted. A change that the counts already include has no effect. A new
   * account has the greatest id.
   */
  note(id: number, change: 1 | -1): void {
    const isCounted = this.known.get(id) ?? (id > this.greatest ? false : undefined);
    if (isCounted === change > 0) return;
    if (isCounted !== undefined) this.known.set(id, change > 0);
    const range = Math.floor(id / this.width);
    this.counts.set(range, (this.counts.get(range) ?? 0) + change);
    this.all += change;
  }

  /** Finds the start of the page after `offset` accounts, ordered by id. Returns null if there are no more accounts. */
  startOf(offset: number): PageStart | null {
    if (offset >= this.all) return null;
    let before = 0;
    for (const [range, count] of this.counts) {
      if (before + count > offset)
        return { firstId: range * this.width, skip: offset - before, left: this.all - offset };
      before += count;
    }
    return null;
  }
}
