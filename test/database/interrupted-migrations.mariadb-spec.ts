import { migrate } from '../../src/database/migrate.js';
import { connectTo, fill2021, openAsService } from '../support/database-2021.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

// The file runs one migration for each change of the schema.
jest.setTimeout(300_000);

describe('A migration that is interrupted', () => {
  // TypeORM writes failed migrations to standard output.
  beforeAll(() => void jest.spyOn(console, 'log').mockImplementation());
  afterAll(() => void jest.restoreAllMocks());

  it.each([
    ['on an empty database', async () => {}],
    [
      'on a database of 2021',
      (database: TestDatabase) => fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' }),
    ],
  ])('at any change of the schema is finished by the next one, %s', async (_name, prepare) => {
    const coverage = async (database: TestDatabase) => {
      const connection = await connectTo(database);
      const [columns] = await connection.query(
        `SELECT table_name AS t, column_name AS c, column_type AS y FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 2`,
      );
      const [indexes] = await connection.query(
        `SELECT DISTINCT table_name AS t, column_name AS c FROM information_schema.statistics WHERE table_schema = DATABASE() AND seq_in_index = 1 ORDER BY 1, 2`,
      );
      await connection.end();
      return {
        columns,
        indexes: (indexes as { t: string; c: string }[]).filter(
          ({ t, c }) => `${t}.${c}` !== 'tokens.pn_provider' && `${t}.${c}` !== 'tokens.pn_prid',
        ),
      };
    };
    const migrateUntil = async (database: TestDatabase, changes: number): Promise<boolean> => {
      const dataSource = await openAsService(database);
      const create = dataSource.createQueryRunner.bind(dataSource);
      let left = changes;
      dataSource.createQueryRunner = (mode) => {
        const queryRunner = create(mode);
        const query = queryRunner.query.bind(queryRunner);
        queryRunner.query = (statement: string, ...rest: unknown[]) => {
          if (/^\s*(CREATE|ALTER)/.test(statement) && left-- <= 0) return Promise.reject(new Error('interrupted'));
          return (query as (...all: unknown[]) => Promise<never>)(statement, ...rest);
        };
        return queryRunner;
      };
      const isDone = await migrate(dataSource).then(
        () => true,
        (error: Error) => {
          expect(error.message).toContain('interrupted');
          return false;
        },
      );
      await dataSource.destroy();
      return isDone;
    };

    const whole = await createDatabase();
    await prepare(whole);
    await migrateUntil(whole, Infinity);
    const expected = await coverage(whole);
    await whole.remove();
    for (let changes = 0; ; changes++) {
      const database = await createDatabase();
      await prepare(database);
      const isDone = await migrateUntil(database, changes);
      if (!isDone) expect(await migrateUntil(database, Infinity)).toBe(true);
      expect({ changes, ...(await coverage(database)) }).toEqual({ changes, ...expected });
      await database.remove();
      if (isDone) break;
      expect(changes).toBeLessThan(60);
    }
  });
});
