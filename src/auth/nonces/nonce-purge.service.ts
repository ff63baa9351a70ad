import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Settings } from '../../config/settings.js';
import { inBatches } from '../../jobs/batches.js';
import { Job } from '../../jobs/job.js';
import { DatabaseNonceStore } from './database-nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

// Equivalent mutants `BATCH = 1001` and `BATCH = 999`: a batch may be larger or smaller.
const BATCH = 1_000;

/** Forgets nonces in the database that can no longer be replayed, a batch at a time. Any number of processes may do so at once. */
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
   * Seconds for which a nonce must be remembered after its first use: it expires its lifetime after it was made, at the
   * latest that long after its first use, and clocks may differ.
   */
  get leastAge(): number {
    return this.settings.nonceLifetime + (2 * CLOCK_SKEW) / 1000;
  }

  /**
   * Forgets all that need not be remembered.
   *
   * @returns how many nonces were forgotten.
   */
  run(signal?: AbortSignal): Promise<number> {
    return this.forget(this.leastAge, () => undefined, signal);
  }

  /**
   * Forgets nonces first used so many seconds ago, or longer; never those that could still be replayed, whatever is asked for.
   *
   * @param onBatch is told of each batch.
   * @param signal ends the work before the next batch.
   * @returns how many nonces were forgotten.
   */
  forget(age: number, onBatch: (count: number) => void, signal?: AbortSignal): Promise<number> {
    const before = this.clock.in(-Math.max(age, this.leastAge));
    return inBatches(async () => {
      // A younger one among the oldest ids makes a batch smaller, and is no end.
      const purged = await this.store.purge(before, BATCH);
      onBatch(purged);
      return purged;
    }, signal);
  }
}
