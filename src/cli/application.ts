import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { AppModule } from '../app/app.module.js';
import { standardError } from '../common/output.js';
import { loadProcessSettings } from '../config/load-settings.js';
import type { Settings } from '../config/settings.js';
import { openDatabase } from '../database/database.module.js';
import { DatabaseStart } from '../database/database-start.js';
import { createLogger } from '../logging/logger.js';
import { runAs } from '../common/request-context.js';
import { CommandLogger } from './command-logger.js';
import { sayPrintable } from './standard-error.js';

/**
 * Runs a command's work with the services of the application, and closes them. What they log, the changes of accounts above
 * all, goes to standard error: the outcome of the command stands alone on standard output.
 */
export async function withApplication<T>(work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  const settings = loadProcessSettings();
  tellWarnings(settings);
  const logger = new CommandLogger(createLogger(settings, standardError));
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(settings), { logger, abortOnError: false });
  try {
    app.get(DatabaseStart).requireReady();
    return await runAs({ means: 'command-line' }, () => work(app));
  } finally {
    await app.close();
  }
}

/** Runs a command's work on the database as it is, without migrating it, and closes it. */
export async function withDatabase<T>(work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const settings = loadProcessSettings();
  tellWarnings(settings);
  const dataSource = await openDatabase(settings, 'write');
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** What the service says at start, of the settings that a command shares with it. */
function tellWarnings({ warnings }: Settings): void {
  for (const warning of warnings) sayPrintable('warning', `Settings: ${warning}`);
}
