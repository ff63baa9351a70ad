import { UtcDateTime } from './utc-date-time.js';

/** A row with its creation time, which the 2021 server sometimes leaves NULL. */
export abstract class Timestamped {
  @UtcDateTime({ name: 'created_at', nullable: true })
  createdAt: Date | null;

  @UtcDateTime({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;

  /** Whether the row was created at least this many seconds ago; true if its creation time is unknown. */
  isOlderThan(seconds: number, now: Date): boolean {
    return this.createdAt === null || this.createdAt.getTime() + seconds * 1000 <= now.getTime();
  }
}
