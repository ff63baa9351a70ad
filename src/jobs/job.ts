/**
 * Work that the service does by the clock. A provider of any module that extends this class is a job: {@link JobRunner} finds it.
 *
 * A run may end at any moment, with its process, and is not repeated: what it leaves is done by the next run. So a run works in small
 * steps, each a transaction of its own.
 */
export abstract class Job {
  /** What it is called in the log, in metrics and in the database: words with hyphens, 64 characters at most. */
  abstract readonly name: string;

  /** Seconds from the start of a run to the start of the next one. */
  abstract readonly every: number;

  /**
   * Does the work that there is now. Errors are logged by the runner.
   *
   * @param signal is aborted after 30 s, and when the service stops: the run then ends before its next step. After that another process
   *   may run the job.
   */
  abstract run(signal: AbortSignal): Promise<unknown>;
}
