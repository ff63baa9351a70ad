import { EmbeddedDatabase } from '../../src/database/embedded-database.js';
import { connectTo } from '../support/database-2021.js';
import { isOnServer, type TestDatabase } from '../support/test-database.js';

/** Runs the work while another program holds a lock on a table; on SQLite it holds the write lock of the file. */
export async function whileLocked<T>(database: TestDatabase, table: string, work: () => Promise<T>): Promise<T> {
  if (isOnServer) {
    const connection = await connectTo(database);
    await connection.query(`LOCK TABLES ${table} WRITE`);
    return work().finally(() => connection.end());
  }
  const file = new EmbeddedDatabase(database.environment.DB_DATABASE ?? '');
  file.exec('BEGIN IMMEDIATE');
  return work().finally(() => file.close());
}
