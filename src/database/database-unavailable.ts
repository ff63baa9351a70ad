/** The database cannot be reached or opened. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super(`The database is not available: ${reasonOf(cause)}`, { cause });
  }
}

/** The user of the database lacks a right. */
export class DatabaseRefuses extends Error {
  constructor(cause: Error) {
    super(`The database refuses: ${cause.message}. Grant the user of DB_USERNAME that right on DB_DATABASE.`, { cause });
  }
}

/** A host with several addresses fails with a list of errors, which says nothing itself. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
