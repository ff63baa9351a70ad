/**
 * A finding about the tables of a database. An `error` prevents the service from starting and every migration from
 * running.
 */
export interface SchemaFinding {
  readonly level: 'error' | 'warning';
  /** The problem, with the names of table and column. */
  readonly message: string;
  /** What to do about it, usually an SQL statement. */
  readonly advice: string;
}

export const error = (message: string, advice: string): SchemaFinding => ({ level: 'error', message, advice });
export const warning = (message: string, advice: string): SchemaFinding => ({ level: 'warning', message, advice });
