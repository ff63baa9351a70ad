import { migrate } from '../../src/database/migrate.js';
import { migrations } from '../../src/database/migrations/index.js';
import { openAsService } from '../support/database-2021.js';
import { createDatabase } from '../support/test-database.js';

describe('The first migration', () => {
  it.each(['1', '2'])('needs no more connections than DB_POOL_SIZE=%s', async (size) => {
    const database = await createDatabase();
    const dataSource = await openAsService({
      ...database,
      environment: { ...database.environment, DB_POOL_SIZE: size },
    });
    expect(await migrate(dataSource)).toEqual(migrations.map(({ name }) => name));
    expect(await migrate(dataSource)).toEqual([]);
    await dataSource.destroy();
    await database.remove();
  });
});
