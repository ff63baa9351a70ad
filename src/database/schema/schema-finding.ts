/** Something about the tables of a database: an `error` keeps the service from starting and every migration from running. */
export interface SchemaFinding {
  readonly level: 'error' | 'warning';
  /** What it is, with the names of table and column. */
  readonly message: string;
  /** What to do about it, as a rule a statement. */
  readonly advice: string;
}

export const error = (message: string, advice: string): SchemaFinding => ({ level: 'error', message, advice });
export const warning = (message: string, advice: string): SchemaFinding => ({ level: 'warning', message, advice });
