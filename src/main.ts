import 'reflect-metadata';
import cluster from 'node:cluster';
import { keepNewFilesPrivate } from './common/private-files.js';
import { loadProcessSettings } from './config/load-settings.js';
import { createLogger } from './logging/logger.js';
import { serve } from './process/serve.js';
import { exitOnStartupError } from './process/startup-errors.js';
import { supervise } from './process/supervise.js';

async function start(): Promise<void> {
  const settings = loadProcessSettings();
  const logger = createLogger(settings);
  // All processes read the same settings, so only the first logs the warnings.
  if (cluster.isPrimary) for (const warning of settings.warnings) logger.warn(`Settings: ${warning}`);
  const run = settings.processes > 1 && cluster.isPrimary ? supervise : serve;
  await run(settings, logger);
}

keepNewFilesPrivate();
start().catch(exitOnStartupError);
