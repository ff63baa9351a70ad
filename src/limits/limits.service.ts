import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type LimitName, limitNames } from '../config/groups/limits.js';
import { Settings } from '../config/settings.js';
import { countFromZero, Metrics } from '../metrics/metrics.service.js';
import type { Count } from './bounded-counts.js';
import { Counters } from './counters.js';
import { LimitsUnavailable, TooManyAttempts } from './limits.errors.js';

/** Something that counts: against which limit, and for whom. */
export type Use = readonly [limit: LimitName, whom: string | number];

/** Counts what is limited (protocol §8). A limit that is switched off counts nothing. */
@Injectable()
export class Limits {
  constructor(
    private readonly settings: Settings,
    private readonly counters: Counters,
    private readonly metrics: Metrics,
  ) {
    countFromZero(metrics.limitHits, 'limit', limitNames);
  }

  /** How often it may happen; 0 where there is no limit. */
  mostOf(limit: LimitName): number {
    return this.settings.limits[limit];
  }

  /**
   * How often it may still happen; Infinity where there is no limit. Counts nothing.
   *
   * @throws TooManyAttempts if nothing is left.
   */
  async left([limit, whom]: Use): Promise<number> {
    const most = this.mostOf(limit);
    if (most === 0) return Infinity;
    const count = await this.counters.read(limit, keyOf(whom));
    if (count.used >= most) throw this.tooMany(limit, count);
    return most - count.used;
  }

  /** Counts uses that have been made, whatever is left. */
  async count(...uses: Use[]): Promise<void> {
    for (const [limit, whom] of uses) {
      if (this.mostOf(limit) > 0) await this.counters.add(limit, keyOf(whom), 1);
    }
  }

  /**
   * Counts a use that is about to be made.
   *
   * @returns how many are left, null where there is no limit.
   * @throws TooManyAttempts if nothing was left.
   */
  async spend([limit, whom]: Use): Promise<number | null> {
    const most = this.mostOf(limit);
    if (most === 0) return null;
    const count = await this.counters.add(limit, keyOf(whom), 1);
    if (count.used > most) throw this.tooMany(limit, count);
    return most - count.used;
  }

  /**
   * Does work that may turn out to count. Until it is over, it does.
   *
   * @param doesCount whether it does, after it threw this error, or undefined where it threw none.
   * @throws TooManyAttempts before the work is begun, and whatever it throws.
   */
  async counting<T>(uses: readonly Use[], work: () => Promise<T>, doesCount: (error?: unknown) => boolean): Promise<T> {
    const takeBack = await this.reserve(uses);
    try {
      const result = await work();
      if (!doesCount()) await takeBack();
      return result;
    } catch (error) {
      if (!doesCount(error)) await takeBack();
      throw error;
    }
  }

  /** Begins to count anew. */
  async clear([limit, whom]: Use): Promise<void> {
    if (this.mostOf(limit) > 0) await this.counters.clear(limit, keyOf(whom));
  }

  /** The refusal of one who must wait until counting begins anew. */
  private tooMany(limit: LimitName, { msLeft }: Count): TooManyAttempts {
    this.metrics.limitHits.inc({ limit });
    return new TooManyAttempts(Math.max(1, Math.ceil(msLeft / 1000)));
  }

  /** Counts all uses or none of them, and gives what takes the count back. */
  private async reserve(uses: readonly Use[]): Promise<() => Promise<void>> {
    const reserved: Use[] = [];
    const takeBack = async () => {
      for (const use of reserved) await this.takeBack(use);
    };
    for (const use of uses) {
      reserved.push(use);
      try {
        await this.spend(use);
      } catch (refusal) {
        await takeBack();
        throw refusal;
      }
    }
    return takeBack;
  }

  private async takeBack([limit, whom]: Use): Promise<void> {
    if (this.mostOf(limit) === 0) return;
    const key = keyOf(whom);
    try {
      // Counting may have begun anew, also between a look and the change that follows it: what the change came to tells.
      const { used } = await this.counters.add(limit, key, -1);
      if (used < 0) await this.counters.add(limit, key, 1);
    } catch (error) {
      // What has been done is not undone because it counts for more than it should.
      if (!(error instanceof LimitsUnavailable)) throw error;
    }
  }
}

/** Strangers choose addresses and names, of any length: what is kept of one is always as long. */
function keyOf(whom: string | number): string {
  return createHash('sha256').update(String(whom)).digest('base64url');
}
