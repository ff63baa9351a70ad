import type { BoundedPool } from './bounded-pool.js';

/**
 * Holds the pool of connections to MySQL for the services that need it. TypeORM asks for a pool each time it opens the
 * data source, which may take several attempts. SQLite has no pool.
 */
export class DatabasePool {
  private made: BoundedPool | null = null;

  /** Null before the data source is opened, and on SQLite. */
  get current(): BoundedPool | null {
    return this.made;
  }

  /** Stores a new pool. */
  keep(pool: BoundedPool): BoundedPool {
    this.made = pool;
    return pool;
  }
}
