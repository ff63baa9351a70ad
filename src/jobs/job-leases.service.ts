import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { formatDateTime, parseDateTime } from '../database/columns/utc-date-time.js';
import { constantStatement } from '../database/constant-statement.js';
import { LEASE_MARGIN, randomHolder } from '../database/leases.js';
import { Statements } from '../database/statements.service.js';
import { Transactions } from '../database/transactions.js';

/** The time in seconds after which the signal of a run is aborted, from before its lease is taken. */
export const LONGEST_RUN = 30;

/**
 * How often a step of a job may wait for the database: for a read, and for a transaction. Each waits at most
 * DB_TIMEOUT.
 */
const WAITS_OF_A_STEP = 2;

const FIND_ALL = constantStatement('SELECT name, holder, due, succeeded FROM flexisip_api_jobs');
const ADD = {
  mysql: constantStatement(
    `INSERT INTO flexisip_api_jobs (name, holder, due) VALUES (?, '', ?) ON DUPLICATE KEY UPDATE name = VALUES(name)`,
  ),
  sqlite: constantStatement(
    `INSERT INTO flexisip_api_jobs (name, holder, due) VALUES (?, '', ?) ON CONFLICT (name) DO NOTHING`,
  ),
};
/** Exactly one of several processes that read the same row succeeds, because the statement changes the holder. */
const TAKE = constantStatement(
  'UPDATE flexisip_api_jobs SET holder = ?, due = ? WHERE name = ? AND holder = ? AND due = ?',
);
const RELEASE = constantStatement("UPDATE flexisip_api_jobs SET holder = '', due = ? WHERE name = ? AND holder = ?");
const RELEASE_AFTER_SUCCESS = constantStatement(
  "UPDATE flexisip_api_jobs SET holder = '', due = ?, succeeded = ? WHERE name = ? AND holder = ?",
);

/** A row of `flexisip_api_jobs`. */
interface JobRow {
  readonly name: string;
  readonly holder: string;
  readonly due: string;
  readonly succeeded: string | null;
}

/** The state of a job in the database. */
export interface JobState {
  readonly name: string;
  /** The holder of the lease. An empty text if no process runs the job, or if the holder is not known yet. */
  readonly holder: string;
  /** No process starts a run before this moment. While the job runs, it is the end of the lease. */
  readonly due: string;
  /** The end of the last successful run, in any process. */
  readonly lastSuccess: Date | null;
}

/** The right to run a job, until its release or for {@link JobLeases.lifetime}. */
export interface JobLease {
  readonly name: string;
  readonly holder: string;
  /** The start of the next run. */
  readonly next: string;
}

/**
 * Decides which process runs a job, and when. A table that all processes share has a row for each job. Its date is the
 * moment when the job is due, or, while the job runs, the end of its lease. So the lease of a killed process ends by
 * itself, and another process runs the job when it looks next.
 *
 * Dates use the clock of the service. A date further in the future than any process would write comes from a wrong
 * clock, and counts as past.
 */
@Injectable()
export class JobLeases {
  constructor(
    private readonly transactions: Transactions,
    private readonly statements: Statements,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * The lifetime of a lease in seconds. A run whose signal is aborted finishes its current step, and so ends before its
   * lease.
   */
  get lifetime(): number {
    return LONGEST_RUN + WAITS_OF_A_STEP * this.settings.databaseTimeout + LEASE_MARGIN;
  }

  /**
   * Reads the states of the jobs with these names, in the same order. A job that has no row yet gets one, and is due.
   */
  async find(names: readonly string[]): Promise<JobState[]> {
    const rows = await this.statements.read<JobRow>(FIND_ALL, []);
    const found = new Map(rows.map((row) => [row.name, row]));
    return Promise.all(
      names.map(async (name) => {
        const { holder, due, succeeded } = found.get(name) ?? (await this.add(name));
        return { name, holder, due, lastSuccess: succeeded === null ? null : parseDateTime(succeeded) };
      }),
    );
  }

  /** The time in seconds until the job may run; 0 if it is due. */
  secondsUntilDue({ due }: JobState, every: number): number {
    const moment = parseDateTime(due);
    if (moment === null) return 0;
    const seconds = (moment.getTime() - this.clock.now().getTime()) / 1000;
    return seconds > 2 * Math.max(every, this.lifetime) ? 0 : Math.max(0, seconds);
  }

  /**
   * Takes the lease of a job that is due.
   *
   * @param every the time in seconds between the starts of two runs.
   * @returns null if another process has taken the lease.
   */
  async take({ name, holder: before, due }: JobState, every: number): Promise<JobLease | null> {
    const holder = randomHolder();
    const until = formatDateTime(this.clock.in(this.lifetime));
    const affected = await this.transactions.affectedBy(TAKE, [holder, until, name, before, due]);
    return affected > 0 ? { name, holder, next: formatDateTime(this.clock.in(every)) } : null;
  }

  /** Ends a lease after a successful run. An expired lease that another process has taken stays unchanged. */
  async releaseAfterSuccess({ name, holder, next }: JobLease): Promise<void> {
    await this.transactions.affectedBy(RELEASE_AFTER_SUCCESS, [next, formatDateTime(this.clock.now()), name, holder]);
  }

  /** Ends a lease after a run that failed or was interrupted. */
  async release({ name, holder, next }: JobLease): Promise<void> {
    await this.transactions.affectedBy(RELEASE, [next, name, holder]);
  }

  private async add(name: string): Promise<JobRow> {
    const due = formatDateTime(this.clock.now());
    await this.transactions.affectedBy(ADD[this.transactions.dialect], [name, due]);
    return { name, holder: '', due, succeeded: null };
  }
}
