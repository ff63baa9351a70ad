import type { BoundedPool } from './bounded-pool.js';

/**
 * Holds the pool of connections to MySQL for the services that need it. TypeORM asks for a pool each time it opens the
 * data source, which may take several attempts. SQLite has no pool.
 */
export class DatabasePool {
  private made: BoundedPool | null = null;

  /**
   * The pool of the latest attempt to open the data source. It may be closed, if that attempt failed. Null before the
   * first attempt, and on SQLite.
   */
  get current(): BoundedPool | null {
    return this.made;
  }

  /** Stores the pool of a new attempt. */
  keep(pool: BoundedPool): BoundedPool {
    this.made = pool;
    return pool;
  }
}
