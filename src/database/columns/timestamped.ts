import { UtcDateTime } from './utc-date-time.js';

/** A row with its creation time, which the 2021 server sometimes leaves NULL. */
export abstract class Timestamped {
  @UtcDateTime({ name: 'created_at', nullable: true })
  createdAt: Date | null;

  @UtcDateTime({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;

  /** The moment this many seconds after the creation of the row. If that is unknown, the moment is long past. */
  endAfter(seconds: number): Date {
    return new Date(this.createdAt === null ? 0 : this.createdAt.getTime() + seconds * 1000);
  }

  /** Whether the row was created at least this many seconds ago. */
  isOlderThan(seconds: number, now: Date): boolean {
    return this.endAfter(seconds) <= now;
  }
}
