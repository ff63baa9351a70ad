import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type LimitName, limitNames } from '../config/groups/limits.js';
import { Settings } from '../config/settings.js';
import { countFromZero, Metrics } from '../metrics/metrics.service.js';
import type { Count } from './bounded-counts.js';
import { Counters } from './counters.js';
import { LimitsUnavailable, TooManyAttempts } from './limits.errors.js';

/** A use that counts against a limit, and the key that it counts for. */
export type Use = readonly [limit: LimitName, whom: string | number];

/** Counts uses against limits (protocol §8). A limit that is switched off counts nothing. */
@Injectable()
export class Limits {
  constructor(
    private readonly settings: Settings,
    private readonly counters: Counters,
    private readonly metrics: Metrics,
  ) {
    countFromZero(metrics.limitHits, 'limit', limitNames);
  }

  /** The highest allowed count; 0 if there is no limit. */
  mostOf(limit: LimitName): number {
    return this.settings.limits[limit];
  }

  /**
   * The number of remaining uses; Infinity if there is no limit. Counts nothing.
   *
   * @throws TooManyAttempts if none remains.
   */
  async remaining([limit, whom]: Use): Promise<number> {
    const most = this.mostOf(limit);
    if (most === 0) return Infinity;
    const count = await this.counters.read(limit, keyOf(whom));
    if (count.used >= most) throw this.tooMany(limit, count);
    return most - count.used;
  }

  /** Counts uses that have already happened, even beyond the limit. */
  async count(...uses: Use[]): Promise<void> {
    for (const [limit, whom] of uses) {
      if (this.mostOf(limit) > 0) await this.counters.add(limit, keyOf(whom), 1);
    }
  }

  /**
   * Counts a use before it happens.
   *
   * @returns the number of remaining uses; null if there is no limit.
   * @throws TooManyAttempts if none remained.
   */
  async spend([limit, whom]: Use): Promise<number | null> {
    const most = this.mostOf(limit);
    if (most === 0) return null;
    const count = await this.counters.add(limit, keyOf(whom), 1);
    if (count.used > most) throw this.tooMany(limit, count);
    return most - count.used;
  }

  /**
   * Runs work and counts its uses. The uses count while the work runs. Afterwards `doesCount` decides whether they keep
   * counting.
   *
   * @param doesCount receives the error of the work, or undefined after success.
   * @throws TooManyAttempts before the work starts, and every error of the work.
   */
  async runCounted<T>(
    uses: readonly Use[],
    work: () => Promise<T>,
    doesCount: (error?: unknown) => boolean,
  ): Promise<T> {
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

  /** Resets the count of a use to 0. */
  async clear([limit, whom]: Use): Promise<void> {
    if (this.mostOf(limit) > 0) await this.counters.clear(limit, keyOf(whom));
  }

  /** The error for a caller that must wait until the window ends. */
  private tooMany(limit: LimitName, { msLeft }: Count): TooManyAttempts {
    this.metrics.limitHits.inc({ limit });
    return new TooManyAttempts(Math.max(1, Math.ceil(msLeft / 1000)));
  }

  /**
   * Counts all uses or none of them.
   *
   * @returns a function that takes the counts back.
   */
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
      // The window may have restarted, even between a read and the following change. The result of the change shows it.
      const { used } = await this.counters.add(limit, key, -1);
      if (used < 0) await this.counters.add(limit, key, 1);
    } catch (error) {
      // Work that is done does not fail because it counts too high.
      if (!(error instanceof LimitsUnavailable)) throw error;
    }
  }
}

/** Strangers choose addresses and names of any length. A hash makes every stored key the same length. */
function keyOf(whom: string | number): string {
  return createHash('sha256').update(String(whom)).digest('base64url');
}
