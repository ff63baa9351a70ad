import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { inBatches } from '../../jobs/batches.js';
import { Job } from '../../jobs/job.js';
import { PanelSessionsRepository } from './panel-sessions.repository.js';

/** How many are removed at once. */
const BATCH = 100;

/** Removes the sessions of the panel that have expired. No page takes them any more. */
@Injectable()
export class SessionPurgeService extends Job {
  readonly name = 'panel-session-purge';
  readonly every = 3_600;

  constructor(
    private readonly sessions: PanelSessionsRepository,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Removes all that have expired, a batch at a time. */
  run(signal?: AbortSignal): Promise<number> {
    return inBatches(() => this.sessions.removeExpired(this.clock.now(), BATCH), signal);
  }
}
