import { AccountLookup } from '../../src/directory/account-lookup.service.js';
import { noneIfUnrepresentable } from '../../src/database/column-text.js';
import { Api } from '../support/api.js';
import { connectTo, fill2021 } from '../support/database-2021.js';
import { diagnose, found } from '../support/doctor.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

describe('Columns of different collations', () => {
  let database: TestDatabase;
  let api: Api;

  beforeAll(async () => {
    database = await createDatabase();
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_general_ci' });
    const connection = await connectTo(database);
    await connection.query(
      `ALTER TABLE accounts MODIFY domain varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL,
         MODIFY email varchar(64) CHARACTER SET latin1 NULL, ADD phone varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL`,
    );
    await connection.query(
      "UPDATE accounts SET username = '+33612345678' WHERE id = 2; UPDATE accounts SET username = 'alice📱' WHERE id = 5",
    );
    await connection.end();
    api = await Api.start({ database });
  });
  afterAll(async () => {
    await api.stop();
    await database.remove();
  });

  it.each([
    ['LICE@SIP', [1]],
    ['alice@example', [1]],
    ['3368', [2]],
    ['📱', [5]],
    ['nobody', []],
  ])('are searched for %s', async (text, ids) => {
    const lookup = api.app.get(AccountLookup);
    expect((await lookup.search(text, 10, 0)).map(({ id }) => id)).toEqual(ids);
    expect(await lookup.count(text)).toBe(ids.length);
  });

  it('are compared by the doctor', async () => {
    const diagnosis = await diagnose({ APP_KEY, ...database.environment });
    expect(found(diagnosis, 'rows')).toContain(
      'warning: accounts with a phone number that is the username of another account: sip:alice@sip.example.org',
    );
  });

  it('are a fault where a statement cannot compare them, not a text that no row has', async () => {
    const failure = await api.sql('SELECT 1 FROM accounts WHERE username = domain').catch((error: unknown) => error);
    expect(() => noneIfUnrepresentable(failure)).toThrow('Illegal mix of collations');
  });
});
