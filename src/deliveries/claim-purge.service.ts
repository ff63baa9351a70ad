import { Injectable } from '@nestjs/common';
import { inBatches } from '../jobs/batches.js';
import { Job } from '../jobs/job.js';
import { Claims } from './claims.service.js';

/** Removes the claims that processes have left behind when they died. They are harmless meanwhile. */
@Injectable()
export class ClaimPurgeService extends Job {
  readonly name = 'delivery-claim-purge';
  readonly every = 3_600;

  constructor(private readonly claims: Claims) {
    super();
  }

  /** Removes all that are over, a batch at a time. */
  run(signal?: AbortSignal): Promise<number> {
    return inBatches(() => this.claims.purge(), signal);
  }
}
