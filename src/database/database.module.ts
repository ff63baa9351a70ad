import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.service.js';
import { connectionOptions } from './connection-options.js';
import { DatabasePool } from './database-pool.js';
import { DatabaseStart } from './database-start.js';
import { DatabaseUnavailable } from './database-unavailable.js';
import { dialectOf } from './dialect.js';
import { entities } from './entities/index.js';
import { measurePool } from './pool-metrics.js';
import { makeDatabasePrivate } from './private-database.js';
import { Statements } from './statements.service.js';
import { Transactions, WRITER } from './transactions.js';
import { WriteProbe } from './write-probe.js';

/** Opens a connection, or a pool of them. */
export async function openDatabase(settings: Settings, access: 'read' | 'write'): Promise<DataSource> {
  if (access === 'write' && settings.database.driver === 'sqlite') makeDatabasePrivate(settings.database.file);
  try {
    return await new DataSource(connectionOptions(settings, access)).initialize();
  } catch (error) {
    throw new DatabaseUnavailable(error);
  }
}

async function beginStart(settings: Settings, writer: DataSource): Promise<DatabaseStart> {
  const start = new DatabaseStart(settings, writer);
  await start.attempt();
  return start;
}

/** @param _start must have finished: on SQLite it creates the file that this function opens. */
async function openForReading(settings: Settings, writer: DataSource, _start: DatabaseStart): Promise<DataSource> {
  return dialectOf(writer) === 'mysql' ? writer : openDatabase(settings, 'read');
}

/**
 * The database: repositories for reads, {@link Transactions} for writes. The application starts with an open, migrated
 * database. There is one exception: if the server does not respond yet, the application starts without it, and
 * {@link DatabaseStart} waits.
 */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([...entities])],
  providers: [
    DatabasePool,
    {
      provide: WRITER,
      useFactory: (settings: Settings, pool: DatabasePool) =>
        new DataSource(connectionOptions(settings, 'write', pool)),
      inject: [Settings, DatabasePool],
    },
    { provide: DatabaseStart, useFactory: beginStart, inject: [Settings, WRITER] },
    { provide: DataSource, useFactory: openForReading, inject: [Settings, WRITER, DatabaseStart] },
    Statements,
    Transactions,
    WriteProbe,
  ],
  exports: [DataSource, WRITER, DatabaseStart, Statements, Transactions, WriteProbe, TypeOrmModule],
})
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(WRITER) private readonly writer: DataSource,
    private readonly reader: DataSource,
    private readonly pool: DatabasePool,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    measurePool(this.metrics, this.pool);
  }

  async onApplicationShutdown(): Promise<void> {
    for (const dataSource of new Set([this.writer, this.reader])) {
      if (dataSource.isInitialized) await dataSource.destroy();
    }
  }
}
