import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { Readiness } from '../health/readiness.service.js';
import type { MetricSnapshot } from '../metrics/metrics.service.js';
import { askWorker, type SelfReport } from './questions.js';

/** Reports about all processes of the service, for operators. */
export interface Reports {
  metrics(): Promise<MetricSnapshot[][]>;
  health(): Promise<Readiness[]>;
}

/** The reports of a service with a single process. */
export function reportsOf(self: SelfReport): Reports {
  return { metrics: async () => [await self.metrics()], health: async () => [await self.health()] };
}

/**
 * The reports of the workers of this supervisor. The counts of an ended worker stay in the sum, with the values of its
 * last report. If the sum fell, Prometheus would take that for a restart at 0 and count everything again.
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
    return answers.map(
      (answer, index) => answer ?? { status: 'unavailable', process: workers[index]?.process.pid ?? 0 },
    );
  }
}

/** Metric types whose numbers only grow. */
const COUNTING = new Set(['counter', 'histogram']);

/** Adds up the metrics of several processes. A metric that cannot be added declares its own aggregation. */
export function sum(snapshots: readonly MetricSnapshot[][]): MetricSnapshot[] {
  return aggregate(snapshots).getMetricsAsArray() as MetricSnapshot[];
}

/** The sum in Prometheus text format. */
export function exposition(snapshots: readonly MetricSnapshot[][]): Promise<string> {
  return aggregate(snapshots).metrics();
}

function aggregate(snapshots: readonly MetricSnapshot[][]) {
  return AggregatorRegistry.aggregate([...snapshots]);
}

function liveWorkers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected()) as Worker[];
}
