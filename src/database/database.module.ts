import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { connectionOptions } from './connection-options.js';
import { dialectOf } from './dialect.js';
import { entities } from './entities.js';
import { migrate, pendingMigrations, SchemaBehind } from './migrate.js';
import { Transactions, WRITER } from './transactions.js';

/** The database cannot be reached or opened at start. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super(`The database is not available: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Opens a connection, or a pool of them. */
export async function openDatabase(settings: Settings, access: 'read' | 'write'): Promise<DataSource> {
  try {
    return await new DataSource(connectionOptions(settings, access)).initialize();
  } catch (error) {
    throw new DatabaseUnavailable(error);
  }
}

async function openForWriting(settings: Settings): Promise<DataSource> {
  const writer = await openDatabase(settings, 'write');
  try {
    if (settings.migrateAtStart) await migrate(writer);
    const pending = await pendingMigrations(writer);
    if (pending.length > 0) throw new SchemaBehind(pending);
    return writer;
  } catch (error) {
    await writer.destroy();
    throw error;
  }
}

async function openForReading(settings: Settings, writer: DataSource): Promise<DataSource> {
  return dialectOf(writer) === 'mysql' ? writer : openDatabase(settings, 'read');
}

/**
 * The database: repositories to read with, {@link Transactions} to write with. It is open and migrated when the
 * application starts, or the application does not start.
 */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([...entities])],
  providers: [
    { provide: WRITER, useFactory: openForWriting, inject: [Settings] },
    { provide: DataSource, useFactory: openForReading, inject: [Settings, WRITER] },
    Transactions,
  ],
  exports: [DataSource, WRITER, Transactions, TypeOrmModule],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(WRITER) private readonly writer: DataSource,
    private readonly reader: DataSource,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    for (const dataSource of new Set([this.writer, this.reader])) {
      if (dataSource.isInitialized) await dataSource.destroy();
    }
  }
}
