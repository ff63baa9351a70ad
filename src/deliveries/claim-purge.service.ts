import { Injectable } from '@nestjs/common';
import { inBatches } from '../jobs/batches.js';
import { Job } from '../jobs/job.js';
import { Claims } from './claims.service.js';

/**
 * Removes expired claims that processes left behind when they died. Expired claims have no effect, so this only frees
 * space.
 */
@Injectable()
export class ClaimPurgeService extends Job {
  readonly name = 'delivery-claim-purge';
  readonly every = 3_600;

  constructor(private readonly claims: Claims) {
    super();
  }

  /** Removes all expired claims, in batches. */
  run(signal?: AbortSignal): Promise<number> {
    return inBatches(() => this.claims.purge(), signal);
  }
}
