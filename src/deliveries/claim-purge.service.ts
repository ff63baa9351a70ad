import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Claims } from './claims.service.js';

/** Milliseconds. Only processes that die leave claims behind, and those are harmless. */
const INTERVAL = 3_600_000;

/** Removes the claims that processes have left behind when they died. Any number of processes may do so at once. */
@Injectable()
export class ClaimPurgeService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ClaimPurgeService.name);
  private timer?: NodeJS.Timeout;

  constructor(private readonly claims: Claims) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.purge(), INTERVAL).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Removes all that are over. A failure is logged: the next run removes them. */
  async purge(): Promise<void> {
    try {
      while ((await this.claims.purge()) > 0) continue;
    } catch (error) {
      this.logger.warn(`Claims that are over could not be removed, this is tried again in an hour: ${(error as Error).message}`);
    }
  }
}
