import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { Readiness } from '../health/readiness.service.js';
import type { MetricSnapshot } from '../metrics/metrics.service.js';
import { askWorker, type SelfReport } from './questions.js';

/** What operators learn of the processes of the service, of all together. */
export interface Reports {
  metrics(): Promise<MetricSnapshot[][]>;
  health(): Promise<Readiness[]>;
}

/** The one process there is. */
export function reportsOf(self: SelfReport): Reports {
  return { metrics: async () => [await self.metrics()], health: async () => [await self.health()] };
}

/**
 * The workers of this supervisor. What one that ended has counted stays in the sum, as it was when it was last asked: a sum
 * that falls would look to Prometheus as if everything had begun at 0, and had happened again.
 */
export class WorkerReports implements Reports {
  private readonly last = new Map<number, MetricSnapshot[]>();
  private ended: MetricSnapshot[] = [];

  constructor() {
    cluster.on('exit', ({ id }) => {
      const counted = (this.last.get(id) ?? []).filter(({ type }) => COUNTING.has(String(type)));
      this.last.delete(id);
      this.ended = sum([this.ended, counted]);
    });
  }

  async metrics(): Promise<MetricSnapshot[][]> {
    const workers = liveWorkers();
    const answers = await Promise.all(workers.map((worker) => askWorker(worker, 'metrics')));
    workers.forEach(({ id }, index) => {
      const answer = answers[index];
      if (answer && cluster.workers?.[id]) this.last.set(id, answer);
    });
    return [this.ended, ...this.last.values()];
  }

  async health(): Promise<Readiness[]> {
    const workers = liveWorkers();
    const answers = await Promise.all(workers.map((worker) => askWorker(worker, 'health')));
    return answers.map((answer, index) => answer ?? { status: 'unavailable', process: workers[index]?.process.pid ?? 0 });
  }
}

/** The types of metrics whose numbers only grow. */
const COUNTING = new Set(['counter', 'histogram']);

/** Adds up what several processes have measured; where that makes no sense, the metric says what to do instead. */
export function sum(snapshots: readonly MetricSnapshot[][]): MetricSnapshot[] {
  return aggregate(snapshots).getMetricsAsArray() as MetricSnapshot[];
}

/** The sum as Prometheus reads it. */
export function exposition(snapshots: readonly MetricSnapshot[][]): Promise<string> {
  return aggregate(snapshots).metrics();
}

function aggregate(snapshots: readonly MetricSnapshot[][]) {
  return AggregatorRegistry.aggregate([...snapshots]);
}

function liveWorkers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected()) as Worker[];
}
