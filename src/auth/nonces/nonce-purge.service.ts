import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Settings } from '../../config/settings.js';
import { NonceStore } from './nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

const INTERVAL = 60_000;
const BATCH = 1_000;

/** Forgets nonces that can no longer be replayed, a batch at a time. Any number of processes may do so at once. */
@Injectable()
export class NoncePurgeService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(NoncePurgeService.name);
  private timer?: NodeJS.Timeout;
  private isRunning = false;

  constructor(
    private readonly store: NonceStore,
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
   * A nonce expires its lifetime after it was made, at the latest that long after its first use; clocks may differ.
   *
   * @returns how many nonces were forgotten.
   */
  async purge(): Promise<number> {
    const before = this.clock.in(-this.settings.nonceLifetime - (2 * CLOCK_SKEW) / 1000);
    if (this.isRunning) return 0;
    this.isRunning = true;
    let total = 0;
    try {
      for (let purged = BATCH; purged === BATCH; total += purged) purged = await this.store.purge(before, BATCH);
    } catch (error) {
      this.logger.warn(`Old nonces could not be removed, this is tried again in a minute: ${(error as Error).message}`);
    } finally {
      this.isRunning = false;
    }
    return total;
  }
}
