import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { inBatches } from '../../jobs/batches.js';
import { Job } from '../../jobs/job.js';
import { PanelSessionsRepository } from './panel-sessions.repository.js';

/** The number of sessions that are removed at once. */
const BATCH = 100;

/** Removes expired panel sessions. They no longer sign anybody in, so this only frees space. */
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

  /** Removes all expired sessions, in batches. */
  run(signal?: AbortSignal): Promise<number> {
    return inBatches(() => this.sessions.removeExpired(this.clock.now(), BATCH), signal);
  }
}
