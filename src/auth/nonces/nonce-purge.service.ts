import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Settings } from '../../config/settings.js';
import { inBatches } from '../../jobs/batches.js';
import { Job } from '../../jobs/job.js';
import { DatabaseNonceStore } from './database-nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

// Equivalent mutants `BATCH = 1001` and `BATCH = 999`: a batch may be larger or smaller.
const BATCH = 1_000;

/**
 * Deletes nonces from the database that can no longer be replayed, in batches. Several processes may do this at the
 * same time.
 */
@Injectable()
export class NoncePurgeService extends Job {
  readonly name = 'nonce-purge';
  readonly every = 60;

  constructor(
    private readonly store: DatabaseNonceStore,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    super();
  }

  /**
   * The time in seconds for which a nonce is remembered after its first use. A nonce expires its lifetime after its
   * creation, which is at the latest its lifetime after the first use. Clocks may differ.
   */
  get leastAge(): number {
    return this.settings.nonceLifetime + (2 * CLOCK_SKEW) / 1000;
  }

  /**
   * Deletes all nonces that need not be remembered.
   *
   * @returns the number of deleted nonces.
   */
  run(signal?: AbortSignal): Promise<number> {
    return this.forget(this.leastAge, () => undefined, signal);
  }

  /**
   * Deletes nonces whose first use is at least this old. Nonces that could still be replayed stay, whatever the age.
   *
   * @param age the minimum age in seconds.
   * @param onBatch is called after each batch with the number of deleted nonces.
   * @param signal stops the work before the next batch.
   * @returns the number of deleted nonces.
   */
  forget(age: number, onBatch: (count: number) => void, signal?: AbortSignal): Promise<number> {
    const before = this.clock.in(-Math.max(age, this.leastAge));
    return inBatches(async () => {
      // A younger nonce among the oldest ids only makes a batch smaller. The work is not finished because of it.
      const purged = await this.store.purge(before, BATCH);
      onBatch(purged);
      return purged;
    }, signal);
  }
}
