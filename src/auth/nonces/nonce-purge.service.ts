import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Settings } from '../../config/settings.js';
import { DatabaseNonceStore } from './database-nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

const INTERVAL = 60_000;
const BATCH = 1_000;

/** Forgets nonces in the database that can no longer be replayed, a batch at a time. Any number of processes may do so at once. */
@Injectable()
export class NoncePurgeService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(NoncePurgeService.name);
  private timer?: NodeJS.Timeout;
  private isRunning = false;

  constructor(
    private readonly store: DatabaseNonceStore,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.purge(), INTERVAL).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
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
  async purge(): Promise<number> {
    if (this.isRunning) return 0;
    this.isRunning = true;
    let total = 0;
    try {
      await this.forget(this.leastAge, (count) => (total += count));
    } catch (error) {
      this.logger.warn(`Old nonces could not be removed, this is tried again in a minute: ${(error as Error).message}`);
    } finally {
      this.isRunning = false;
    }
    return total;
  }

  /**
   * Forgets nonces first used so many seconds ago, or longer; never those that could still be replayed, whatever is asked for.
   *
   * @param onBatch is told of each batch.
   */
  async forget(age: number, onBatch: (count: number) => void): Promise<void> {
    const before = this.clock.in(-Math.max(age, this.leastAge));
    let purged: number;
    do {
      // A younger one among the oldest ids makes a batch smaller, and is no end.
      purged = await this.store.purge(before, BATCH);
      onBatch(purged);
    } while (purged > 0);
  }
}
