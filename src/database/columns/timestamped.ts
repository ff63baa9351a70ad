import { UtcDateTime } from './utc-date-time.js';

/** A row that says when it came to be; the 2021 server leaves that out at times. */
export abstract class Timestamped {
  @UtcDateTime({ name: 'created_at', nullable: true })
  createdAt: Date | null;

  @UtcDateTime({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;

  /** Whether so many seconds have passed since the row came to be; always, where it does not say when that was. */
  isOlderThan(seconds: number, now: Date): boolean {
    return this.createdAt === null || this.createdAt.getTime() + seconds * 1000 <= now.getTime();
  }
}
