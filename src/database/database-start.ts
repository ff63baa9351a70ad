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

/** Milliseconds before the second attempt to reach the database; each pause after it is twice as long, up to the longest. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 3_000;

/**
 * Opens the database and brings its schema up to date, or waits until that can be done.
 *
 * A database that does not answer may be late, and is waited for. Whatever else is wrong (credentials, the schema,
 * rows in the way) only an operator can mend, and ends the process, also where it shows late.
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

  /** Whether the database has been reached, with the right schema. Once it is, it stays so, whatever happens afterwards. */
  get isReady(): boolean {
    return this.isOpen;
  }

  /**
   * Tries once.
   *
   * @returns whether the database is ready; false if it does not answer.
   * @throws DatabaseUnavailable, DatabaseRefuses, SchemaBehind, TablesUnfit, RowsInTheWay: what waiting does not mend.
   */
  async attempt(): Promise<boolean> {
    try {
      await this.open();
      this.isOpen = true;
    } catch (error) {
      const hindrance = error instanceof DatabaseUnavailable ? error.cause : error;
      // A file that cannot be opened now could not be later.
      if (this.isSqlite || !isUnavailable(hindrance)) throw error;
      this.hindrance = hindrance;
    }
    return this.isOpen;
  }

  /** @throws DatabaseUnavailable unless the database is ready: for those who would not wait. */
  requireReady(): void {
    if (!this.isOpen) throw new DatabaseUnavailable(this.hindrance);
  }

  /**
   * Tries until the database is ready, for as long as it takes; gives up with the process only.
   *
   * @throws what {@link attempt} throws.
   */
  async untilReady(): Promise<void> {
    for (let pause = FIRST_PAUSE; !this.isOpen && !this.isOver; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const { messageWithAdvice: message } = new DatabaseUnavailable(this.hindrance);
      this.logger.warn(`${message.replace(/\.$/, '')}. Calls that need it are answered 503. Next attempt in ${pause / 1000} s.`);
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
      // SQLite waits for another writer with the whole process standing still. Until here that kept nobody; from now on
      // `Transactions` waits instead.
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
      // A pool that was opened before the connection failed would be left over at the next attempt.
      await this.writer.driver.disconnect().catch(() => undefined);
      throw new DatabaseUnavailable(error);
    }
  }
}
