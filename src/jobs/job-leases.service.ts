import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { randomAlphanumeric } from '../common/random.js';
import { Settings } from '../config/settings.js';
import { formatDateTime, parseDateTime } from '../database/columns/utc-date-time.js';
import { constantStatement } from '../database/constant-statement.js';
import { Statements } from '../database/statements.service.js';
import { Transactions } from '../database/transactions.js';

/** Seconds after which the signal of a run is aborted. */
export const LONGEST_RUN = 30;

/** Seconds by which the clocks of two hosts may differ. */
const CLOCK_SKEW = 5;

/** Seconds that a moment may lose where it is stored: it has whole seconds there. */
const ROUNDING = 1;

const HOLDER_LENGTH = 22;

const FIND_ALL = constantStatement('SELECT name, holder, due, succeeded FROM flexisip_api_jobs');
const ADD = {
  mysql: constantStatement(
    `INSERT INTO flexisip_api_jobs (name, holder, due) VALUES (?, '', ?) ON DUPLICATE KEY UPDATE name = VALUES(name)`,
  ),
  sqlite: constantStatement(
    `INSERT INTO flexisip_api_jobs (name, holder, due) VALUES (?, '', ?) ON CONFLICT (name) DO NOTHING`,
  ),
};
/** Succeeds for one of many processes that have read the same row: the holder is another one afterwards. */
const TAKE = constantStatement(
  'UPDATE flexisip_api_jobs SET holder = ?, due = ? WHERE name = ? AND holder = ? AND due = ?',
);
const RELEASE = constantStatement("UPDATE flexisip_api_jobs SET holder = '', due = ? WHERE name = ? AND holder = ?");
const RELEASE_AFTER_SUCCESS = constantStatement(
  "UPDATE flexisip_api_jobs SET holder = '', due = ?, succeeded = ? WHERE name = ? AND holder = ?",
);

/** A row of the table. */
interface JobRow {
  readonly name: string;
  readonly holder: string;
  readonly due: string;
  readonly succeeded: string | null;
}

/** A job as the database has it. */
export interface JobState {
  readonly name: string;
  /** Who runs it; an empty text if nobody does, or if that is not known yet. */
  readonly holder: string;
  /** No process begins a run before this moment. While the job runs it is the end of the lease. */
  readonly due: string;
  /** The end of the last run that was done, in any process. */
  readonly lastSuccess: Date | null;
}

/** The right to run a job, until its end or for {@link JobLeases.lifetime}. */
export interface JobLease {
  readonly name: string;
  readonly holder: string;
  /** When the next run begins. */
  readonly next: string;
}

/**
 * Says which process runs a job, and when: a row for each job, in a table that all processes of the service share. The moment in it is when
 * the job is due, and while the job runs, when its lease ends. So a process that is killed delays the next run by a lease at most.
 *
 * The clock is that of the service. A moment further away than any that a process writes comes from a clock that was wrong, and is over.
 */
@Injectable()
export class JobLeases {
  constructor(
    private readonly transactions: Transactions,
    private readonly statements: Statements,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Seconds for which a lease lasts: a run ends before, if it ends at its signal, after the statement that it waits for. */
  get lifetime(): number {
    return LONGEST_RUN + this.settings.databaseTimeout + CLOCK_SKEW + ROUNDING;
  }

  /** The states of the jobs of these names, in the same order. Jobs that no process has run yet are added, and are due. */
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

  /** Seconds until the job may be run; 0 if it is due. */
  secondsUntilDue({ due }: JobState, every: number): number {
    const moment = parseDateTime(due);
    if (moment === null) return 0;
    const seconds = (moment.getTime() - this.clock.now().getTime()) / 1000;
    return seconds > 2 * Math.max(every, this.lifetime) ? 0 : Math.max(0, seconds);
  }

  /**
   * Takes a job that is due.
   *
   * @param every seconds between the starts of two runs.
   * @returns null if another process has taken it.
   */
  async take({ name, holder: before, due }: JobState, every: number): Promise<JobLease | null> {
    const holder = randomAlphanumeric(HOLDER_LENGTH);
    const until = formatDateTime(this.clock.in(this.lifetime));
    const affected = await this.transactions.affectedBy(TAKE, [holder, until, name, before, due]);
    return affected > 0 ? { name, holder, next: formatDateTime(this.clock.in(every)) } : null;
  }

  /** Ends a lease after a run that was done. A lease that is over already is another process's, and stays. */
  async releaseAfterSuccess({ name, holder, next }: JobLease): Promise<void> {
    await this.transactions.affectedBy(RELEASE_AFTER_SUCCESS, [next, formatDateTime(this.clock.now()), name, holder]);
  }

  /** Ends a lease after a run that was not done. */
  async release({ name, holder, next }: JobLease): Promise<void> {
    await this.transactions.affectedBy(RELEASE, [next, name, holder]);
  }

  private async add(name: string): Promise<JobRow> {
    const due = formatDateTime(this.clock.now());
    await this.transactions.affectedBy(ADD[this.transactions.dialect], [name, due]);
    return { name, holder: '', due, succeeded: null };
  }
}
