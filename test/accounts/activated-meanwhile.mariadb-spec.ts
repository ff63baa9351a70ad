import type { Connection } from 'mysql2/promise';
import { SignUpPurgeService } from '../../src/accounts/sign-up-purge.service.js';
import { Api } from '../support/api.js';
import { connectTo } from '../support/database-2021.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { untilInnodb } from '../support/until.js';

const DAY = 86_400;

describe('An account of an abandoned sign-up', () => {
  let database: TestDatabase;
  let api: Api;
  let other: Connection;

  beforeAll(async () => {
    database = await createDatabase();
    api = await Api.start({ database });
    other = await connectTo(database);
  });
  afterAll(async () => {
    await other.end();
    await api.stop();
    await database.remove();
  });

  it.each([
    ['is activated', 'activated = 1'],
    ['is blocked', 'blocked = 1'],
  ])('stays if it %s after the job has found it', async (_what, change) => {
    const account = await api.given.newAccount();
    const moment = api.given.moment(-DAY - 1);
    await api.sql('UPDATE accounts SET creation_time = ? WHERE id = ?', [moment, account.id]);
    await api.sql(
      "UPDATE tokens SET used = 1, used_by = 'with-creation-token', account_id = ?, created_at = ? WHERE token = ?",
      [account.id, moment, await api.given.token()],
    );
    // The change is not committed, so the job still finds the account, and then waits for its lock.
    await other.query('START TRANSACTION');
    await other.query(`UPDATE accounts SET ${change} WHERE id = ${account.id}`);
    const deleted = api.app.get(SignUpPurgeService).run();
    await untilInnodb(async () => {
      const [waiting] = await other.query(
        "SELECT trx_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
      );
      return (waiting as unknown[]).length === 1;
    });
    await other.query('COMMIT');
    expect(await deleted).toBe(0);
    expect(await api.count('accounts', 'id = ?', [account.id])).toBe(1);
  });
});
