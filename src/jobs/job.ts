/**
 * Work that the service does on a schedule. {@link JobRunner} finds every provider that extends this class, in any
 * module.
 *
 * The process may die during a run. The run is not repeated: the next run does the remaining work. So a run works in
 * small steps. A step waits for the database twice at most, for example for a read and for a transaction: the lease of
 * the job lasts no longer (`JobLeases.lifetime`).
 */
export abstract class Job {
  /** The name of the job in the log, the metrics and the database: words with hyphens, at most 64 characters. */
  abstract readonly name: string;

  /** The time in seconds from the start of a run to the start of the next run. */
  abstract readonly every: number;

  /**
   * Does the work that is due now. The runner logs errors.
   *
   * @param signal is aborted after 30 s, and when the service stops. The run must then end before its next step.
   * Otherwise another process may run the job at the same time.
   */
  abstract run(signal: AbortSignal): Promise<unknown>;
}
