import type { Duplex } from 'node:stream';
import type { ExecuteValues, Pool, PoolConnection } from 'mysql2';
import { Semaphore } from '../common/semaphore.js';
import type { ConstantStatement } from './constant-statement.js';
import { isConnectionLimit, isServerUnusable } from './dialect.js';
import { currentAllowance, DatabaseTimeout, type TimeAllowance } from './time-allowance.js';

/** Milliseconds that connections have to close in good order when the pool closes; then they are cut. */
const CLOSE_TIMEOUT = 1_000;

/** Milliseconds during which the pool opens no more connections than the server last allowed. */
const LIMIT_PAUSE = 5_000;

/**
 * Least milliseconds between two renewals of all connections. Where every server is read-only, calls must not reconnect
 * all the time.
 */
const RENEWAL_PAUSE = 1_000;

/**
 * The server counts as unresponsive after this many consecutive loans that time out, with no answer on any connection
 * in between. A single timeout may be a slow statement or a lock.
 */
const LATE_IN_A_ROW = 2;

/** How a loan ended: the server answered, the time was over, or the server could not be used. */
type LoanEnd = 'answered' | 'late' | 'unusable';

/** Gets a connection, or the reason why there is none. */
type Borrower = (error: Error | null, connection?: LentConnection) => void;

/**
 * A mysql2 connection pool where no caller waits longer than its time budget: for a connection, a statement, a lock or
 * a server that no longer answers. mysql2 itself waits forever. TypeORM uses it as its pool.
 */
export class BoundedPool {
  private readonly connections = new Set<PoolConnection>();
  /** The callers that have a connection or wait for one. */
  private readonly borrowers = new Semaphore(() => this.most);
  /** Connections to a server that could not be used. Each is closed instead of being lent again. */
  private readonly outdated = new WeakSet<PoolConnection>();
  private nextRenewal = 0;
  private lateInARow = 0;
  /** How many connections the server allowed when it last refused one, and until when that limit counts. */
  private allowed = { most: Infinity, until: 0 };

  /**
   * @param size the largest number of connections.
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
      // An `error` event without a listener would end the process. The caller gets the error from its own call.
      connection.on('error', forget).on('end', forget);
    });
  }

  /** The numbers of connections that are lent and that are open but not lent, and of callers that wait for one. */
  get usage(): { in_use: number; free: number; waiting: number } {
    const { running, waiting } = this.borrowers;
    return { in_use: running, free: Math.max(0, this.connections.size - running), waiting };
  }

  /** Lends a connection. The caller must release it. */
  getConnection(callback: Borrower): void {
    const loan = new Loan(currentAllowance(this.seconds));
    if (loan.isOver) return callback(new DatabaseTimeout());
    if (this.borrowers.tryEnter()) this.take(loan, callback);
    // The queue is our own: the queue of mysql2 would keep callers that have given up, and let new ones wait behind
    // them.
    else this.wait(loan, callback, 'last');
  }

  /** Runs a single prepared statement on a connection that is lent for it. */
  execute(statement: ConstantStatement, parameters: ExecuteValues): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.getConnection((error, connection) => {
        if (!connection) return reject(error as Error);
        connection.send(statement, parameters, (failure, result) => {
          connection.release();
          if (failure) reject(failure);
          else resolve(result);
        });
      });
    });
  }

  /** Closes all connections, including those whose server no longer answers. */
  end(callback: (error: Error | null) => void): void {
    const timer = setTimeout(() => {
      for (const connection of this.connections) cut(connection, new DatabaseTimeout());
      callback(null);
    }, CLOSE_TIMEOUT);
    this.pool.end(() => {
      clearTimeout(timer);
      callback(null);
    });
  }

  /** How many connections may be lent at this moment. */
  private get most(): number {
    return performance.now() < this.allowed.until ? Math.min(this.size, this.allowed.most) : this.size;
  }

  /** Takes a connection for a caller when its turn comes. The caller leaves the queue when its time is over. */
  private wait(loan: Loan, callback: Borrower, place: 'first' | 'last'): void {
    let leaveQueue = (): void => undefined;
    loan.begin((reason) => {
      leaveQueue();
      loan.end();
      callback(reason);
    });
    leaveQueue = this.borrowers.queue(() => this.take(loan, callback), place);
  }

  /** Takes a connection for a caller that holds a slot. */
  private take(loan: Loan, callback: Borrower): void {
    let hasLeft = false;
    loan.begin((reason) => {
      hasLeft = true;
      loan.end();
      callback(reason);
    });
    const lend = (error: Error | null, connection: PoolConnection): void => {
      if (!error && this.outdated.has(connection)) {
        this.close(connection);
        this.pool.getConnection(lend);
        return;
      }
      if (!error && !hasLeft) return callback(null, new LentConnection(connection, loan, this.takeBack));
      if (!error) return this.takeBack(connection, 'answered');
      if (!hasLeft && this.canWaitInstead(error)) {
        this.borrowers.leave();
        this.wait(loan, callback, 'first');
        return;
      }
      this.borrowers.leave();
      if (hasLeft) return;
      loan.end();
      callback(asFatal(error));
    };
    this.pool.getConnection(lend);
  }

  /**
   * If the server allows fewer connections than the pool has, callers can still wait, as long as one connection is
   * lent.
   */
  private canWaitInstead(error: Error): boolean {
    const { running } = this.borrowers;
    if (!isConnectionLimit(error) || running <= 1) return false;
    this.allowed = { most: running - 1, until: performance.now() + LIMIT_PAUSE };
    return true;
  }

  private readonly takeBack = (connection: PoolConnection, end: LoanEnd): void => {
    this.lateInARow = end === 'late' ? this.lateInARow + 1 : 0;
    if (end !== 'answered') this.outdated.add(connection);
    if (end === 'unusable' || this.lateInARow >= LATE_IN_A_ROW) this.renew();
    if (this.outdated.has(connection)) this.close(connection);
    else connection.release();
    this.borrowers.leave();
  };

  /**
   * Marks all open connections as outdated, so that they are not lent again: new connections may lead to another
   * server.
   */
  private renew(): void {
    if (performance.now() < this.nextRenewal) return;
    this.nextRenewal = performance.now() + RENEWAL_PAUSE;
    for (const connection of this.connections) this.outdated.add(connection);
  }

  private close(connection: PoolConnection): void {
    this.connections.delete(connection);
    connection.destroy();
  }
}

/**
 * Any error while a connection is opened means that there is no connection. Without `fatal`, `errorClassOf` would take
 * an error number that it does not know for a fault of this service.
 */
function asFatal(error: Error): Error {
  return Object.assign(error, { fatal: true });
}

/**
 * The time between asking for a connection and giving it back. Every statement has one. It is a timer and a function,
 * because an AbortSignal and its events took a tenth of the CPU time of a whole request.
 */
class Loan {
  private timer: NodeJS.Timeout | undefined;
  private whenLate: (reason: DatabaseTimeout) => void = () => undefined;
  private isRunning = false;

  constructor(private readonly allowance: TimeAllowance) {}

  /** Whether nothing of the time budget is left. */
  get isOver(): boolean {
    return this.allowance.left <= 0;
  }

  /**
   * @param whenLate called once if the time budget is used up before the end. It replaces the function given before.
   */
  begin(whenLate: (reason: DatabaseTimeout) => void): void {
    this.whenLate = whenLate;
    if (this.isRunning) return;
    this.isRunning = true;
    const { left } = this.allowance;
    this.allowance.begin();
    if (left !== Infinity) this.timer = setTimeout(() => this.whenLate(new DatabaseTimeout()), left);
  }

  end(): void {
    clearTimeout(this.timer);
    this.allowance.end();
  }
}

/**
 * A connection on loan, with the methods that TypeORM needs.
 *
 * When the time is over the connection is cut, never returned to the pool: no other caller may get a connection where a
 * statement still runs or a transaction is still open. The server rolls an open transaction back when it notices the
 * closed connection, which may be late. One case stays unknown: a COMMIT may have reached the server while its answer
 * did not reach this process. The commit is then complete and stays.
 */
export class LentConnection {
  private isReturned = false;
  private lateness: DatabaseTimeout | null = null;
  private isUsable = true;

  /** @param takeBack gets the connection, and how the loan ended. */
  constructor(
    private readonly connection: PoolConnection,
    private readonly loan: Loan,
    private readonly takeBack: (connection: PoolConnection, end: LoanEnd) => void,
  ) {
    loan.begin((reason) => {
      this.lateness = reason;
      cut(connection, reason);
    });
  }

  promise(): this {
    return this;
  }

  /** Sends a statement as text. */
  query(statement: string, parameters?: unknown[]): Promise<[result: unknown, fields: unknown]> {
    return new Promise((resolve, reject) => {
      if (this.lateness) return reject(this.lateness);
      this.connection.query(statement, parameters, (error, result, fields) => {
        if (error) reject(this.failure(error));
        else resolve([result, fields]);
      });
    });
  }

  /**
   * Sends a prepared statement. The server prepares it when it first comes over this connection; later only the
   * parameters are sent.
   */
  send(
    { text }: ConstantStatement,
    parameters: ExecuteValues,
    answer: (error: Error | null, result: unknown) => void,
  ): void {
    if (this.lateness) return answer(this.lateness, undefined);
    this.connection.execute(text, parameters, (error, result) => answer(error && this.failure(error), result));
  }

  /** Does the same as `send`, as a promise. */
  execute(statement: ConstantStatement, parameters: ExecuteValues): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.send(statement, parameters, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  release(): void {
    if (this.isReturned) return;
    this.isReturned = true;
    this.loan.end();
    this.takeBack(this.connection, this.lateness ? 'late' : this.isUsable ? 'answered' : 'unusable');
  }

  private failure(error: Error): Error {
    if (isServerUnusable(error)) this.isUsable = false;
    return this.lateness ?? error;
  }

  /** TypeORM adds a listener if there is none. The pool has one already. */
  listeners(event: string): unknown[] {
    return this.connection.listeners(event);
  }
}

/** Closes a connection without telling the server, which may no longer answer. */
function cut(connection: PoolConnection, reason: Error): void {
  // mysql2 has no public method that does not wait for the server. Pending statements fail with the reason.
  (connection as PoolConnection & { stream: Duplex }).stream.destroy(reason);
  connection.destroy();
}
