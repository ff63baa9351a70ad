import { existsSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import type { Settings } from '../config/settings.js';
import { openDatabase } from '../database/database.module.js';

/** The database that several checks look at: opened by the first that asks, so as to change nothing. */
export class OpenDatabase {
  private opened: Promise<DataSource> | undefined;

  constructor(readonly settings: Settings) {}

  /** @throws DatabaseUnavailable. */
  open(): Promise<DataSource> {
    this.opened ??= openDatabase(this.settings, 'read');
    return this.opened;
  }

  /** The database, or null where it cannot be had: another check says so. */
  async ifThere(): Promise<DataSource | null> {
    return this.isMissingFile ? null : this.open().catch(() => null);
  }

  /** The same, where it has our tables. */
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

  /** An embedded database whose file is not there yet: to open it would be to make it. */
  get isMissingFile(): boolean {
    const { database } = this.settings;
    return database.driver === 'sqlite' && !existsSync(database.file);
  }

  async close(): Promise<void> {
    const database = await this.opened?.catch(() => null);
    await database?.destroy();
  }
}
