import { existsSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import type { Settings } from '../config/settings.js';
import { openDatabase } from '../database/database.module.js';

/** The database that several checks read. The first check that needs it opens it, without changing anything. */
export class OpenDatabase {
  private opened: Promise<DataSource> | undefined;

  constructor(readonly settings: Settings) {}

  /** @throws DatabaseUnavailable. */
  open(): Promise<DataSource> {
    this.opened ??= openDatabase(this.settings, 'read');
    return this.opened;
  }

  /** The database; null if it cannot be opened, which another check reports. */
  async ifThere(): Promise<DataSource | null> {
    return this.isMissingFile ? null : this.open().catch(() => null);
  }

  /** The database if it has the tables of this service; null otherwise. */
  async ifFilled(): Promise<DataSource | null> {
    const database = await this.ifThere();
    if (!database) return null;
    const queryRunner = database.createQueryRunner();
    try {
      return (await queryRunner.hasTable('accounts')) ? database : null;
    } finally {
      await queryRunner.release();
    }
  }

  /** Whether the file of an embedded database does not exist yet. Opening the database would create it. */
  get isMissingFile(): boolean {
    const { database } = this.settings;
    return database.driver === 'sqlite' && !existsSync(database.file);
  }

  async close(): Promise<void> {
    const database = await this.opened?.catch(() => null);
    await database?.destroy();
  }
}
