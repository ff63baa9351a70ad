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
 * Runs a command with the services of the application, and closes them. Their log, above all the changes of accounts,
 * goes to standard error. Standard output carries only the result of the command.
 */
export async function withApplication<T>(work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  const settings = loadProcessSettings();
  tellWarnings(settings);
  const logger = new CommandLogger(createLogger(settings, standardError));
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(settings), { logger, abortOnError: false });
  try {
    app.get(DatabaseStart).requireReady();
    return await runAs({ method: 'command-line' }, () => work(app));
  } finally {
    await app.close();
  }
}

/** Runs a command on the current database without migrating it, and closes the database. */
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

/** Reports the warnings about settings that the service reports at start. */
function tellWarnings({ warnings }: Settings): void {
  for (const warning of warnings) sayPrintable('warning', `Settings: ${warning}`);
}
