import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';

type Value = string | number | bigint | null | Uint8Array;

// The library is loaded with the first database: a service on MySQL does not need it, and some platforms lack it.
// oxlint-disable-next-line typescript/no-require-imports -- a constructor cannot wait for an import
const loadLibrary = () => require('@photostructure/sqlite') as typeof import('@photostructure/sqlite');

/** The extended result codes that this service distinguishes (https://www.sqlite.org/rescode.html). */
const EXTENDED_CODES: Readonly<Record<number, string>> = {
  517: 'SQLITE_BUSY_SNAPSHOT',
  787: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
};

/** Properties that the library adds to an error of SQLite. */
interface SqliteError extends Error {
  code?: string;
  /** The extended result code. */
  readonly errcode?: number;
  /** The name of the primary result code. */
  readonly sqliteCodeName?: string;
}

/** All open databases. The TypeORM command line ends the process without closing them. */
const open = new Set<EmbeddedDatabase>();
process.once('exit', () => {
  for (const database of open) database.close();
});

/**
 * A SQLite database with the interface that TypeORM's driver `better-sqlite3` calls, on top of the interface of
 * `node:sqlite`. better-sqlite3 itself must be compiled where its download is blocked. `node:sqlite` needs a newer Node
 * than this service.
 *
 * The `code` of an error is the name of SQLite's result code: `SQLITE_BUSY`.
 */
export class EmbeddedDatabase {
  private readonly database: DatabaseSyncInstance;

  /**
   * @param file created if it does not exist.
   * @param options `timeout`: milliseconds to wait for a lock of another process.
   */
  constructor(file: string, { timeout }: { timeout?: number } = {}) {
    const { DatabaseSync } = loadLibrary();
    this.database = named(() => new DatabaseSync(file, { timeout }));
    open.add(this);
  }

  prepare(statement: string): EmbeddedStatement {
    return new EmbeddedStatement(named(() => this.database.prepare(statement)));
  }

  /** @param source the pragma without the word PRAGMA: `journal_mode = WAL`. */
  pragma(source: string): Record<string, unknown>[] {
    return this.prepare(`PRAGMA ${source}`).all();
  }

  /** Runs any number of statements. Returns nothing. */
  exec(statements: string): void {
    named(() => this.database.exec(statements));
  }

  /**
   * Closes the database. Afterwards its file is complete, unless another connection reads it. The library closes the
   * file only when its statements are garbage collected, and SQLite would merge the write-ahead log only then.
   */
  close(): void {
    open.delete(this);
    try {
      this.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // The next connection merges the log.
    }
    this.database.close();
  }
}

class EmbeddedStatement {
  /** Whether the statement returns rows. */
  readonly reader: boolean;

  constructor(private readonly statement: StatementSyncInstance) {
    this.reader = statement.columns().length > 0;
    // An integer of more than 53 bits cannot be read as a number.
    statement.setReadBigInts(true);
  }

  /** @returns the rows. An integer of more than 53 bits is a string, as in TypeORM's MySQL driver. */
  all(...parameters: Value[]): Record<string, unknown>[] {
    const rows = named(() => this.statement.all(...parameters.map(toStored))) as Record<string, unknown>[];
    for (const row of rows) for (const name of Object.keys(row)) row[name] = fromStored(row[name]);
    return rows;
  }

  run(...parameters: Value[]): { changes: number; lastInsertRowid: number } {
    const { changes, lastInsertRowid } = named(() => this.statement.run(...parameters.map(toStored)));
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  }
}

/**
 * The library ends a text at its first NUL, so `alice\0` would become `alice`. Stored as bytes, the text is complete
 * and equals no other text.
 */
function toStored(value: Value): Value {
  return typeof value === 'string' && value.includes('\0') ? Buffer.from(value) : value;
}

/** Only a text with a NUL is stored as bytes. */
function fromStored(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const failure = error as SqliteError;
    const name = EXTENDED_CODES[failure.errcode ?? 0] ?? failure.sqliteCodeName;
    if (name !== undefined) failure.code = name;
    throw failure;
  }
}
