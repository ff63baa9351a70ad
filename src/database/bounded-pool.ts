import type { Duplex } from 'node:stream';
import type { Pool, PoolConnection, QueryError } from 'mysql2';
import { currentAllowance, DatabaseTimeout, type TimeAllowance } from './time-allowance.js';

/** Milliseconds after which connections that do not end in good order are cut when the pool closes. */
const FAREWELL = 1_000;

/**
 * A pool of mysql2 that keeps nobody waiting for longer than his allowance, be it for a connection, a statement, a lock
 * or a server that has stopped to answer: mysql2 itself waits forever. It is what TypeORM takes for a pool.
 */
export class BoundedPool {
  private readonly connections = new Set<PoolConnection>();
  private readonly line = new Set<() => void>();
  private taken = 0;

  /**
   * @param size how many connections there may be.
   * @param seconds for which a request may keep the database busy.
   */
  constructor(
    private readonly pool: Pool,
    private readonly size: number,
    private readonly seconds: number,
  ) {
    pool.on('connection', (connection) => {
      this.connections.add(connection);
      const forget = () => this.connections.delete(connection);
      // An error nobody listens to would end the process. Whoever has asked something learns it from his own call.
      connection.on('error', forget).on('end', forget);
    });
  }

  /** How many connections are lent, are open and not lent, and how many wait for one. */
  get usage(): { in_use: number; free: number; waiting: number } {
    return { in_use: this.taken, free: Math.max(0, this.connections.size - this.taken), waiting: this.line.size };
  }

  /** Lends a connection; the one who gets it must release it. */
  getConnection(callback: (error: Error | null, connection?: LentConnection) => void): void {
    void this.lendTo(callback);
  }

  /** Closes all connections, those too whose server does not answer any more. */
  end(callback: (error: Error | null) => void): void {
    const timer = setTimeout(() => {
      for (const connection of this.connections) cut(connection, new DatabaseTimeout());
      callback(null);
    }, FAREWELL);
    this.pool.end(() => {
      clearTimeout(timer);
      callback(null);
    });
  }

  private async lendTo(callback: (error: Error | null, connection?: LentConnection) => void): Promise<void> {
    let connection: LentConnection;
    try {
      connection = await this.lend();
    } catch (error) {
      return callback(error as Error);
    }
    callback(null, connection);
  }

  private async lend(): Promise<LentConnection> {
    const loan = new Loan(currentAllowance(this.seconds));
    try {
      await this.turn(loan.signal);
      return await this.take(loan);
    } catch (error) {
      loan.end();
      throw error;
    }
  }

  /** Waits in line here: mysql2's own line would keep those who have long gone, and let new ones wait behind them. */
  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        this.taken += 1;
        resolve();
      };
      const leave = () => {
        this.line.delete(enter);
        reject(signal.reason as Error);
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.line.add(enter);
      this.admitNext();
    });
  }

  private admitNext(): void {
    const [next] = this.line;
    if (!next || this.taken >= this.size) return;
    this.line.delete(next);
    next();
  }

  private giveTurn(): void {
    this.taken -= 1;
    this.admitNext();
  }

  private take(loan: Loan): Promise<LentConnection> {
    return new Promise((resolve, reject) => {
      const leave = () => reject(loan.signal.reason as Error);
      loan.signal.addEventListener('abort', leave, { once: true });
      this.pool.getConnection((error, connection) => {
        loan.signal.removeEventListener('abort', leave);
        if (!error && !loan.signal.aborted) return resolve(new LentConnection(connection, loan, () => this.giveTurn()));
        if (!error) connection.release();
        this.giveTurn();
        reject(error ?? (loan.signal.reason as Error));
      });
    });
  }
}

/** The time between asking for a connection and giving it back; its signal is aborted when the allowance is used up. */
class Loan {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(private readonly allowance: TimeAllowance) {
    const { left } = allowance;
    if (left <= 0) this.controller.abort(new DatabaseTimeout());
    else if (left !== Infinity) this.timer = setTimeout(() => this.controller.abort(new DatabaseTimeout()), left);
    allowance.begin();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(): void {
    clearTimeout(this.timer);
    this.allowance.end();
  }
}

/**
 * A connection on loan, with what TypeORM needs of it.
 *
 * When the time is over it is cut, never given back: nobody else shall meet a statement that still runs, or a
 * transaction that is still open. The server rolls an open transaction back as soon as it sees that, however late. One
 * thing cannot be known: a COMMIT may have arrived whose answer did not. What it committed is whole, and stays.
 */
export class LentConnection {
  private isReturned = false;

  constructor(
    private readonly connection: PoolConnection,
    private readonly loan: Loan,
    private readonly giveTurn: () => void,
  ) {
    loan.signal.addEventListener('abort', this.onLate, { once: true });
  }

  promise(): this {
    return this;
  }

  query(statement: string, parameters?: unknown[]): Promise<[rows: unknown, fields: unknown]> {
    const { signal } = this.loan;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      this.connection.query(statement, parameters, (error: QueryError | null, rows: unknown, fields: unknown) => {
        if (error) reject(signal.aborted ? (signal.reason as Error) : error);
        else resolve([rows, fields]);
      });
    });
  }

  release(): void {
    if (this.isReturned) return;
    this.isReturned = true;
    this.loan.signal.removeEventListener('abort', this.onLate);
    this.loan.end();
    this.connection.release();
    this.giveTurn();
  }

  /** TypeORM adds a listener where there is none; the pool has one already. */
  listeners(event: string): unknown[] {
    return this.connection.listeners(event);
  }

  private readonly onLate = (): void => cut(this.connection, this.loan.signal.reason as Error);
}

/** Ends a connection without a word: a server that has stopped to answer would not take leave either. */
function cut(connection: PoolConnection, reason: Error): void {
  // mysql2 has no public way that does not wait for the server; whoever waits for an answer gets the reason instead.
  (connection as PoolConnection & { stream: Duplex }).stream.destroy(reason);
  connection.destroy();
}
