import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { afterCommit, Transactions } from '../database/transactions.js';
import { AccountLookup } from './account-lookup.service.js';
import { CountedRanges } from './counted-ranges.js';

/** Below this number of accounts no count is cached: counting takes less than a millisecond. */
const FEW = 1_000;
/** A count is fresh for this multiple of its own duration. It is used for as long again while a new count runs. */
const TIMES = 10;
/**
 * The target number of ranges of a count, and the minimum number of ids in a range. They bound the rows that a count
 * returns and the rows that a page skips.
 */
const RANGES = 4_000;
const LEAST_WIDTH = 100;

interface Taken {
  readonly ranges: CountedRanges;
  readonly at: number;
  /** The duration of the count, in milliseconds. */
  readonly took: number;
}

/**
 * Returns the number of accounts without counting them on every call.
 *
 * Accounts that this process creates and deletes are included at once. Accounts of other processes are included by the
 * next count. A count of a million accounts takes 160 ms. It is replaced after 1.6 s, or after 3.2 s if no call asks
 * for it meanwhile. Counting uses at most a tenth of a core.
 */
@Injectable()
export class AccountCount {
  private last: Taken | null = null;
  private taking: Promise<CountedRanges> | null = null;
  /** Changes committed since the current count began. */
  private meanwhile: [id: number, change: 1 | -1][] = [];
  /** Changes of transactions whose COMMIT is not acknowledged yet. */
  private readonly open = new Set<{ readonly id: number }>();

  constructor(
    private readonly accounts: AccountLookup,
    private readonly transactions: Transactions,
  ) {}

  /** The number of accounts in each range of ids. It is at most a few seconds old. */
  async current(): Promise<CountedRanges> {
    if (!this.last || this.last.ranges.total < FEW) return this.take();
    const { ranges, at, took } = this.last;
    const age = performance.now() - at;
    if (isOutdated(this.last)) return this.take();
    // No caller waits for this count. A later caller uses it, or gets its error.
    if (age > TIMES * took) void this.take().catch(() => undefined);
    return ranges;
  }

  /**
   * Records an account that this process creates or deletes. Within a transaction, the change counts after the COMMIT.
   */
  note(id: number, change: 1 | -1): void {
    const entry = { id };
    this.open.add(entry);
    const close = () => this.open.delete(entry);
    afterCommit(() => {
      close();
      // An outdated count is not used again. Further notes would only make it grow.
      if (this.last && !isOutdated(this.last)) this.last.ranges.note(id, change);
      if (this.taking) this.meanwhile.push([id, change]);
    }, close);
  }

  /** Concurrent callers share one count. */
  private take(): Promise<CountedRanges> {
    this.taking ??= this.count().finally(() => (this.taking = null));
    return this.taking;
  }

  private async count(): Promise<CountedRanges> {
    const begin = performance.now();
    this.meanwhile = [];
    const width = this.last?.ranges.widthFor(RANGES, LEAST_WIDTH) ?? LEAST_WIDTH;
    const { counted, known } = await this.transactions.run(async (manager) => ({
      counted: await this.accounts.countInRanges(manager, width),
      known: await this.lookUp(manager),
    }));
    const counts = counted.map(({ number, accounts }) => [number, accounts] as const);
    const ranges = new CountedRanges(width, counts, known, counted.at(-1)?.greatest ?? 0);
    for (const [id, change] of this.meanwhile) ranges.note(id, change);
    this.last = { ranges, at: begin, took: performance.now() - begin };
    return ranges;
  }

  /**
   * Finds out which of the accounts that are being created or deleted are included in the counts. The exact moment of
   * the counts is unknown: a statement waits for a connection, and a COMMIT takes effect before its answer arrives. So
   * this query runs in the transaction that read the counts, which sees the same accounts. Changes that are recorded
   * later are not in the counts.
   */
  private async lookUp(manager: EntityManager): Promise<Map<number, boolean>> {
    const ids = [...this.open, ...this.meanwhile.map(([id]) => ({ id }))].map(({ id }) => Number(id));
    if (ids.length === 0) return new Map();
    const present = await this.accounts.existing(manager, ids);
    return new Map(ids.map((id) => [id, present.has(id)]));
  }
}

/** Whether a count is too old to be used. */
function isOutdated({ at, took }: Taken): boolean {
  return performance.now() - at > 2 * TIMES * took;
}
