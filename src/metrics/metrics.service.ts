import { Injectable } from '@nestjs/common';
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import { standardOutput } from '../common/output.js';

/**
 * Buckets, in seconds. Most answers take 1 to 50 ms; those that wait for an external service or a lock take seconds.
 */
const ANSWER_TIMES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Buckets, in seconds. An outbound call takes from one millisecond, on the same machine, to the longest
 * NEIGHBOUR_TIMEOUT.
 */
const OUTBOUND_TIMES = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 12.5];

/** Seconds. A run has 30 of them. */
const JOB_TIMES = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Starts a counter at 0 for each value of its label. Otherwise Prometheus misses the first increment of a value, since
 * the series does not exist before it.
 */
export function countFromZero<Label extends string>(
  counter: Counter<Label>,
  label: Label,
  values: readonly string[],
): void {
  for (const value of values) counter.inc({ [label]: value } as Record<Label, string>, 0);
}

/** A metric with its samples, in the form that processes exchange. */
export type MetricSnapshot = MetricObjectWithValues<MetricValue<string>>;

/**
 * Metrics of this process for Prometheus (docs/insight.md). Labels have few values, and callers cannot choose them:
 * each value makes a series that stays until the process ends.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();

  readonly requests = this.counter('http_requests_total', 'Requests that were answered', ['method', 'route', 'status']);
  readonly requestTimes = this.histogram(
    'http_request_duration_seconds',
    'Time to the end of the answer',
    ['method', 'route'],
    ANSWER_TIMES,
  );
  readonly errors = this.counter('errors_total', 'Answers that carry an error', ['code']);
  readonly challenges = this.counter('challenges_total', 'Digest challenges that were sent', ['cause']);
  readonly refusedAttempts = this.counter('refused_attempts_total', 'Attempts to prove an account that were refused', [
    'reason',
  ]);
  readonly limitHits = this.counter('limit_hits_total', 'Times that somebody was over a limit', ['limit']);
  readonly events = this.counter('events_total', 'Events that were logged', ['event']);
  readonly outboundCalls = this.histogram(
    'neighbour_call_duration_seconds',
    'Pushes, mails, SMS and questions to the registrar',
    ['border', 'adapter', 'outcome'],
    OUTBOUND_TIMES,
  );
  readonly jobRuns = this.counter('job_runs_total', 'Runs of jobs, by how they ended', ['name', 'outcome']);
  readonly jobTimes = this.histogram('job_duration_seconds', 'Time of a run of a job', ['name'], JOB_TIMES);
  /** The database knows the moment, so that all processes tell the same. */
  readonly jobSuccesses = new Gauge({
    name: 'flexisip_api_job_last_success_timestamp_seconds',
    help: 'End of the last run of a job that was done, in any process',
    labelNames: ['name'],
    registers: [this.registry],
    aggregator: 'max',
  });
  readonly droppedLines = this.lookedUp('log_lines_dropped_total', 'Lines that standard output could not take', () => {
    return standardOutput.droppedLines;
  });

  /** Starts to measure the process itself: CPU, memory, event loop, garbage collection. The measurement never ends. */
  measureProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /**
   * Adds a gauge whose values are read whenever the metrics are read.
   *
   * @param look returns the number for each value of the label; null while there is none.
   */
  addGauge(name: string, help: string, label: string, look: () => Readonly<Record<string, number>> | null): void {
    const gauge: Gauge = new Gauge({
      name: `flexisip_api_${name}`,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect: () => {
        for (const [value, number] of Object.entries(look() ?? {})) gauge.set({ [label]: value }, number);
      },
    });
  }

  /** All metrics with their current samples. */
  snapshot(): Promise<MetricSnapshot[]> {
    return this.registry.getMetricsAsJSON();
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `flexisip_api_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** A counter whose number is stored elsewhere and read whenever the metrics are read. */
  private lookedUp(name: string, help: string, look: () => number): Counter {
    return new Counter({
      name: `flexisip_api_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(look());
      },
    });
  }

  private histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name: `flexisip_api_${name}`, help, labelNames, buckets, registers: [this.registry] });
  }
}
