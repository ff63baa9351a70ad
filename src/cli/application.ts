import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { AppModule } from '../app.module.js';
import { loadSettings } from '../config/load-settings.js';
import { openDatabase } from '../database/database.module.js';
import { DatabaseStart } from '../database/database-start.js';

/** Runs a command's work with the services of the application, and closes them. */
export async function withApplication<T>(work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(loadSettings()), { logger: ['error'], abortOnError: false });
  try {
    app.get(DatabaseStart).requireReady();
    return await work(app);
  } finally {
    await app.close();
  }
}

/** Runs a command's work on the database as it is, without migrating it, and closes it. */
export async function withDatabase<T>(work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = await openDatabase(loadSettings(), 'write');
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** Writes the outcome of a command: lines for people, or JSON for programs. */
export function report(lines: readonly string[], data: unknown, json = false): void {
  process.stdout.write(`${json ? JSON.stringify(data) : lines.join('\n')}\n`);
}
