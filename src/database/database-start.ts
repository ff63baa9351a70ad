import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { isMultiPrimary } from './cluster-locks.js';
import { isUnavailable } from './dialect.js';
import { DatabaseUnavailable } from './database-unavailable.js';
import { migrate, requireSchema } from './migrate.js';
import { makeDatabasePrivate } from './private-database.js';
import { requireRights } from './rights.js';
import { WRITER } from './transactions.js';

/**
 * Milliseconds before the second attempt to reach the database. Each further pause is twice as long, up to the longest.
 */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 3_000;

/**
 * Opens the database and runs its migrations, or waits until both are possible.
 *
 * A database that does not respond may start later, so the service waits for it. Other problems (credentials, the
 * schema, rows that block a migration) need an operator. They end the process, even if they appear late.
 */
@Injectable()
export class DatabaseStart implements OnApplicationShutdown {
  private readonly logger = new Logger('Database');
  private hindrance: unknown;
  private wake: NodeJS.Timeout | undefined;
  private isOver = false;
  private isOpen = false;

  constructor(
    private readonly settings: Settings,
    @Inject(WRITER) private readonly writer: DataSource,
  ) {}

  /** Whether the service has reached the database and found the right schema. Once true, it stays true. */
  get isReady(): boolean {
    return this.isOpen;
  }

  /**
   * Makes one attempt.
   *
   * @returns whether the database is ready; false if it does not respond.
   * @throws DatabaseUnavailable, DatabaseRefuses, SchemaBehind, TablesUnfit, RowsInTheWay if waiting does not help.
   */
  async attempt(): Promise<boolean> {
    try {
      await this.open();
      this.isOpen = true;
    } catch (error) {
      const hindrance = error instanceof DatabaseUnavailable ? error.cause : error;
      // Waiting does not help with a file that cannot be opened.
      if (this.isSqlite || !isUnavailable(hindrance)) throw error;
      this.hindrance = hindrance;
    }
    return this.isOpen;
  }

  /**
   * For callers that do not wait.
   *
   * @throws DatabaseUnavailable unless the database is ready.
   */
  requireReady(): void {
    if (!this.isOpen) throw new DatabaseUnavailable(this.hindrance);
  }

  /**
   * Makes attempts until the database is ready or the process ends.
   *
   * @throws what {@link attempt} throws.
   */
  async untilReady(): Promise<void> {
    for (let pause = FIRST_PAUSE; !this.isOpen && !this.isOver; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const { messageWithAdvice: message } = new DatabaseUnavailable(this.hindrance);
      this.logger.warn(
        `${message.replace(/\.$/, '')}. Calls that need it are answered 503. Next attempt in ${pause / 1000} s.`,
      );
      await new Promise((resolve) => (this.wake = setTimeout(resolve, pause)));
      if (await this.attempt()) this.logger.log('The database is ready.');
    }
  }

  onApplicationShutdown(): void {
    this.isOver = true;
    clearTimeout(this.wake);
  }

  private get isSqlite(): boolean {
    return this.settings.database.driver === 'sqlite';
  }

  private async open(): Promise<void> {
    if (!this.writer.isInitialized) await this.connect();
    try {
      const tell = (sentence: string) => this.logger.warn(sentence);
      if (this.settings.migrateAtStart) await migrate(this.writer, tell);
      else await requireSchema(this.writer, tell);
      await requireRights(this.writer);
      await isMultiPrimary(this.writer.manager);
      // While SQLite waits for another writer, it blocks the whole process. Until here no request is waiting. From now
      // on `Transactions` waits instead.
      if (this.isSqlite) await this.writer.query('PRAGMA busy_timeout = 0');
    } catch (error) {
      if (!isUnavailable(error)) await this.writer.destroy();
      throw error;
    }
  }

  private async connect(): Promise<void> {
    const { database } = this.settings;
    if (database.driver === 'sqlite') makeDatabasePrivate(database.file);
    try {
      await this.writer.initialize();
    } catch (error) {
      // The pool that this attempt opened must be closed, or it leaks at the next attempt.
      await this.writer.driver.disconnect().catch(() => undefined);
      throw new DatabaseUnavailable(error);
    }
  }
}
