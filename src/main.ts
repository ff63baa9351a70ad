import 'reflect-metadata';
import cluster from 'node:cluster';
import { keepNewFilesPrivate } from './common/private-files.js';
import { loadSettings } from './config/load-settings.js';
import { createLogger } from './logging/logger.js';
import { serve } from './process/serve.js';
import { exitOnStartupError } from './process/startup-errors.js';
import { supervise } from './process/supervise.js';

async function start(): Promise<void> {
  const settings = loadSettings();
  const run = settings.processes > 1 && cluster.isPrimary ? supervise : serve;
  await run(settings, createLogger(settings));
}

keepNewFilesPrivate();
start().catch(exitOnStartupError);
