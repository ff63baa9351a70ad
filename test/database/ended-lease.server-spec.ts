import type { Connection } from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import { migrate } from '../../src/database/migrate.js';
import { migrations } from '../../src/database/migrations/index.js';
import { connectTo, openAsService } from '../support/database-2021.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

const LAST = migrations.at(-1)?.name ?? '';

/** Milliseconds within which an expired lock must be removed. */
const MOST = 40_000;

describe('A lock on migrations that has ended, whose connection id is now that of', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let other: Connection;

  beforeEach(async () => {
    database = await createDatabase();
    dataSource = await openAsService({ ...database, environment: { ...database.environment, DB_POOL_SIZE: '1' } });
    other = await connectTo(database);
    await migrate(dataSource);
    await dataSource.query('DELETE FROM flexisip_api_migrations WHERE name = ?', [LAST]);
  });
  afterEach(async () => {
    await dataSource.destroy();
    other.destroy();
    await database.remove();
  });

  const leaveLock = (connection: number): Promise<unknown> =>
    dataSource.query(
      `INSERT INTO flexisip_api_migration_lock (id, lease, holder, connection_id, since, renewals, expires)
       VALUES (1, 'gone', 'process 1 on a server of before', ?, UTC_TIMESTAMP(), 0, UTC_TIMESTAMP() - INTERVAL 300 SECOND)`,
      [connection],
    );

  it(
    'the process that waits is removed',
    async () => {
      const [{ id }]: [{ id: number }] = await dataSource.query('SELECT CONNECTION_ID() AS id');
      await leaveLock(id);
      expect(await migrate(dataSource)).toEqual([LAST]);
    },
    MOST,
  );

  it(
    'somebody else, with a statement that began afterwards, is removed',
    async () => {
      const { threadId } = other;
      const asleep = other.query('SELECT SLEEP(600)').catch(() => undefined);
      await leaveLock(threadId);
      expect(await migrate(dataSource)).toEqual([LAST]);
      await dataSource.query(`KILL ${threadId}`);
      await asleep;
    },
    MOST,
  );
});
