import type { Server } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { OpenConnections } from './open-connections.js';

/** Milliseconds for which requests that are under way are waited for: less than the 30 s after which others kill. */
const PATIENCE = 25_000;

/** Milliseconds between two looks at connections that nobody uses. */
const SWEEP = 100;

/** The signals by which operators end a process. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * On a signal, takes no more connections, answers the requests that are under way, closes everything, and ends the process
 * with exit code 0; with 1 if that took too long.
 */
export function stopOnSignals(app: NestFastifyApplication, logger: Logger): void {
  const connections = new OpenConnections(app.getHttpServer() as Server);
  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info(`${signal}: stopping, once the requests that are under way are answered`);
    setTimeout(() => {
      logger.error(`Not everything was done within ${PATIENCE / 1000} s; the rest is given up`);
      process.exit(1);
    }, PATIENCE).unref();
    await connections.untilNobodyWaits();
    setInterval(() => connections.endIdle(), SWEEP).unref();
    await app.close();
    logger.info('Stopped');
    process.exit(0);
  };
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        logger.error(`Stopping failed: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      });
    });
  }
}
