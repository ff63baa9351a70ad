import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { ConstantStatement } from './constant-statement.js';
import { DatabasePool } from './database-pool.js';
import { executeOnPool, type Parameters, readPrepared } from './prepared.js';

/** Reads by prepared statements. Use `Transactions` to write, or to read and write. */
@Injectable()
export class Statements {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pool: DatabasePool,
  ) {}

  /**
   * Reads rows.
   *
   * @param manager of the transaction to read in. Without it the statement runs on any connection and sees the
   * committed rows.
   */
  read<Row>(statement: ConstantStatement, parameters: Parameters, manager?: EntityManager): Promise<Row[]> {
    if (manager) return readPrepared(manager, statement, parameters);
    const { current: pool } = this.pool;
    if (!pool) return this.dataSource.query(statement.text, [...parameters]);
    return executeOnPool(this.dataSource, pool, statement, parameters) as Promise<Row[]>;
  }
}
