import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Logger } from 'pino';
import type { Settings } from '../config/settings.js';
import { serveOperators } from './operators-port.js';
import { WorkerReports } from './reports.js';
import { CANNOT_START } from './startup-errors.js';
import { onStopSignals, STOP_SIGNALS } from './stop-on-signals.js';

/**
 * Milliseconds before a new worker replaces an ended one, so that a worker that fails at once does not restart in a
 * tight loop.
 */
const PAUSE = 1_000;

/**
 * Keeps WEB_CONCURRENCY worker processes at one port. The first worker starts alone. It migrates and creates what is
 * created once. An error that prevents its start ends the whole service. A later error of that kind does the same if no
 * other worker serves. A signal ends all workers, each as if it were the only process. A second signal ends them at
 * once.
 */
export async function supervise(settings: Settings, logger: Logger): Promise<void> {
  if (settings.sharedRedis === null && settings.hasLimits) {
    logger.warn(
      'Each process counts limits separately, so the effective limits are higher by the number of processes. Set REDIS_URL to share them',
    );
  }
  if (settings.metrics) await serveOperators(settings.metrics, new WorkerReports(), logger);
  let isStopping = false;
  const stop = () => {
    isStopping = true;
    // After a crash of all workers there is no worker to wait for.
    if (workers().length === 0) process.exit(0);
    for (const worker of workers()) worker.process.kill('SIGTERM');
  };
  onStopSignals(stop, (signal) => {
    logger.warn(`${signal} again: exiting immediately; requests in progress are aborted`);
    endAll();
  });
  let hasFailed = false;
  const serving = new Set<number>();
  cluster.on('listening', ({ id }) => serving.add(id));
  cluster.on('exit', ({ id, process: { pid } }, code, signal) => {
    serving.delete(id);
    if (!isStopping) {
      if (code === CANNOT_START && serving.size === 0) endAll();
      logger.error(`Process ${pid} ended by ${signal ?? `exit code ${code}`}; starting a replacement`);
      setTimeout(() => isStopping || cluster.fork(), PAUSE);
      return;
    }
    // A worker that is still starting ends by the signal itself.
    hasFailed ||= code !== 0 && !STOP_SIGNALS.some((stopSignal) => stopSignal === signal);
    if (workers().length === 0) process.exit(hasFailed ? 1 : 0);
  });

  await listening(cluster.fork(), () => isStopping);
  if (isStopping) return;
  for (let others = settings.processes - 1; others > 0; others -= 1) cluster.fork();
}

/**
 * Waits until the first worker listens. If the worker ends instead, it has reported the reason, and this process ends
 * too, unless it is already stopping.
 */
async function listening(worker: Worker, isStopping: () => boolean): Promise<void> {
  const endWithIt = () => {
    if (!isStopping()) process.exit(1);
  };
  worker.prependOnceListener('exit', endWithIt);
  await once(worker, 'listening');
  worker.off('exit', endWithIt);
}

/**
 * Ends the service like a single process would. An error that prevents one worker from starting prevents all of them.
 * No worker is serving any more.
 */
function endAll(): never {
  for (const worker of workers()) worker.process.kill('SIGKILL');
  process.exit(1);
}

/** The running workers. Node lists an ended worker until its channel is closed. */
function workers(): Worker[] {
  return Object.values(cluster.workers ?? {})
    .filter((worker) => worker !== undefined)
    .filter((worker) => !worker.isDead());
}
