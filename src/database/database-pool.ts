import type { BoundedPool } from './bounded-pool.js';

/**
 * The pool of connections to MySQL, where whoever needs it finds it. TypeORM asks for it each time it opens the data source, which may take
 * several attempts. On SQLite there is none.
 */
export class DatabasePool {
  private made: BoundedPool | null = null;

  /** Null before the data source is opened, and on SQLite. */
  get current(): BoundedPool | null {
    return this.made;
  }

  /** Keeps a pool that has just been made. */
  keep(pool: BoundedPool): BoundedPool {
    this.made = pool;
    return pool;
  }
}
