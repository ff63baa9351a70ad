import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Draining } from '../common/draining.js';
import { errorClassOf } from '../database/dialect.js';
import { Metrics } from '../metrics/metrics.service.js';
import { Job } from './job.js';
import { type JobLease, JobLeases, type JobState, LONGEST_RUN } from './job-leases.service.js';

/**
 * The shortest and longest time in seconds between two checks for due jobs. A lease of a killed process that has
 * expired is noticed within the longest.
 */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 60;

/** The outcomes of a run: all work was done, the signal ended it, or it threw. */
const OUTCOMES = ['done', 'interrupted', 'failed'] as const;
type Outcome = (typeof OUTCOMES)[number];

/**
 * Runs the jobs of the application on their schedules. Of all processes that share the database, one runs a job at a
 * time ({@link JobLeases}). No job runs by itself before {@link start}, because commands and tests boot the application
 * too.
 */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger('Jobs');
  private readonly stopping = new AbortController();
  private readonly running = new Map<string, Promise<void>>();
  private looking: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;
  /** All jobs of the application. */
  jobs: readonly Job[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly leases: JobLeases,
    private readonly metrics: Metrics,
    private readonly draining: Draining,
  ) {}

  onApplicationBootstrap(): void {
    const providers = this.discovery.getProviders().map(({ instance }): unknown => instance);
    this.jobs = [...new Set(providers.filter((provider) => provider instanceof Job))];
    const names = this.jobs.map(({ name }) => name);
    if (new Set(names).size < names.length) throw new Error(`Two jobs have the same name: ${names.join(', ')}`);
    for (const name of names) {
      for (const outcome of OUTCOMES) this.metrics.jobRuns.inc({ name, outcome }, 0);
    }
  }

  /** Runs jobs on their schedules, until the application stops. */
  start(): void {
    this.looking = this.look();
  }

  /** Runs the jobs that are due and not taken by another process, and waits until they end. Does not throw. */
  async runDue(): Promise<void> {
    await this.startDue();
    await Promise.all(this.running.values());
  }

  /** Starts no more runs, and asks the active runs to end. */
  onModuleDestroy(): void {
    clearTimeout(this.timer);
    this.stopping.abort();
  }

  /** Waits for the active runs, while the database is still open. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.looking;
    await Promise.all(this.running.values());
  }

  private get mayBegin(): boolean {
    return !this.stopping.signal.aborted && !this.draining.isUnderWay;
  }

  private async look(): Promise<void> {
    const pause = await this.startDue();
    if (!this.mayBegin) return;
    this.timer = setTimeout(() => this.start(), pause * 1000).unref();
  }

  /** @returns the time in seconds until the next check. */
  private async startDue(): Promise<number> {
    if (!this.mayBegin) return LONGEST_PAUSE;
    let states: JobState[];
    try {
      states = await this.leases.find(this.jobs.map(({ name }) => name));
    } catch (error) {
      this.logFailure(`The jobs that are due cannot be looked up, which is tried again in ${LONGEST_PAUSE} s`, error);
      return LONGEST_PAUSE;
    }
    const pauses = this.jobs.map((job, index) => this.startIfDue(job, states[index]));
    return Math.max(SHORTEST_PAUSE, Math.min(LONGEST_PAUSE, ...pauses));
  }

  /** @returns the time in seconds until the job may be due again. */
  private startIfDue(job: Job, state: JobState | undefined): number {
    const { name, every } = job;
    if (!state || !this.mayBegin) return every;
    if (state.lastSuccess) this.metrics.jobSuccesses.set({ name }, state.lastSuccess.getTime() / 1000);
    const seconds = this.leases.secondsUntilDue(state, every);
    if (seconds > 0) return seconds;
    if (!this.running.has(name)) {
      const run = this.run(job, state).finally(() => this.running.delete(name));
      this.running.set(name, run);
    }
    return every;
  }

  private async run(job: Job, state: JobState): Promise<void> {
    const { name, every } = job;
    const begin = performance.now();
    let outcome: Outcome = 'failed';
    // The UPDATE that takes the lease may wait for the database, while the lease runs out. So that wait is part of the
    // time of the run.
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(LONGEST_RUN * 1000)]);
    try {
      const lease = await this.leases.take(state, every);
      if (!lease) return;
      outcome = await this.runWithin(lease, job, signal);
    } catch (error) {
      this.logFailure(`The job ${name} failed, and runs again later`, error);
    }
    const seconds = (performance.now() - begin) / 1000;
    this.metrics.jobRuns.inc({ name, outcome });
    this.metrics.jobTimes.observe({ name }, seconds);
    this.logger.debug(`The job ${name} was ${outcome} after ${Math.round(seconds * 1000)} ms`);
  }

  /** Runs a job, with the lease that this process holds. */
  private async runWithin(lease: JobLease, job: Job, signal: AbortSignal): Promise<Outcome> {
    try {
      await job.run(signal);
    } catch (error) {
      // If the release fails too, the lease expires.
      await this.leases.release(lease).catch(() => undefined);
      throw error;
    }
    if (signal.aborted) {
      await this.leases.release(lease);
      return 'interrupted';
    }
    await this.leases.releaseAfterSuccess(lease);
    return 'done';
  }

  /** A database error needs no stack trace: its message explains it. */
  private logFailure(what: string, error: unknown): void {
    const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    if (errorClassOf(error) !== null) this.logger.warn(message);
    else this.logger.error(Object.assign(new Error(message), error instanceof Error ? { stack: error.stack } : {}));
  }
}
