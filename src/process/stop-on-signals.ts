import cluster from 'node:cluster';
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Draining } from '../common/draining.js';
import { OpenConnections } from './open-connections.js';

/** Milliseconds to wait for requests in progress, after the drain delay. Service managers wait longer. */
const PATIENCE = 25_000;

/** Milliseconds between two searches for idle connections. */
const SWEEP = 100;

/** Milliseconds during which a repeated signal is ignored: a terminal and npm may both send it. */
const SAME_SIGNAL = 500;

/** Signals with which operators end a process. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type StopSignal = (typeof STOP_SIGNALS)[number];

/**
 * Calls back for the first stop signal, and for a later one. With a later one, an operator asks for an immediate end.
 *
 * @param first receives the first signal.
 * @param second receives each later signal that is not a repetition of the first one.
 */
export function onStopSignals(first: (signal: StopSignal) => void, second: (signal: StopSignal) => void): void {
  let begun: number | null = null;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      if (begun === null) {
        begun = performance.now();
        first(signal);
      } else if (performance.now() - begun > SAME_SIGNAL) {
        second(signal);
      }
    });
  }
}

/**
 * On a signal, reports the service as not ready and keeps serving for the drain delay, so that load balancers notice.
 * Then it accepts no more connections, answers the requests in progress, closes everything, and ends the process with
 * exit code 0. The exit code is 1 if that takes too long, or at once on a second signal.
 *
 * @param drainDelay seconds.
 */
export function stopOnSignals(app: NestFastifyApplication, drainDelay: number, logger: Logger): void {
  const connections = new OpenConnections(app.getHttpServer() as Server);
  const stop = async (signal: string) => {
    app.get(Draining).begin();
    if (drainDelay > 0) {
      logger.info(`${signal}: no longer ready; stopping in ${drainDelay} s (DRAIN_DELAY)`);
      await pause(drainDelay * 1000);
    }
    logger.info(`${signal}: stopping after the requests in progress are answered`);
    setTimeout(() => {
      logger.error(`Some requests did not finish within ${PATIENCE / 1000} s; stopping without them`);
      process.exit(1);
    }, PATIENCE).unref();
    await connections.untilAcceptQueueIsEmpty();
    setInterval(() => connections.endIdle(), SWEEP).unref();
    await app.close();
    logger.info('Stopped');
    process.exit(0);
  };
  const stopOrFail = (signal: string) => {
    stop(signal).catch((error: unknown) => {
      logger.error(`Stopping failed: ${error instanceof Error ? error.message : String(error)}`);
      process.exit(1);
    });
  };
  onStopSignals(stopOrFail, (signal) => {
    // A terminal sends a signal to all processes, and the supervisor passes it on as well. So the supervisor decides
    // when its workers end at once.
    if (cluster.isWorker) return;
    logger.warn(`${signal} again: exiting immediately; requests in progress are aborted`);
    process.exit(1);
  });
}
