import { Api } from '../support/api.js';
import { ME } from '../support/http.js';
import { refusal } from '../support/refusal.js';
import { faultOf, whileRefusing } from '../support/refused-writes.js';
import { isOnServer } from '../support/test-database.js';

/** The answer to the challenge is right, but its count cannot be written. */
describe('A nonce whose use cannot be recorded', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  it('opens nothing: the call is a fault of ours', async () => {
    const alice = await api.given.account();
    expect(await whileRefusing(api, 'INSERT', 'nonces', () => faultOf(api.withDigest(alice).get(ME)))).toBe(
      'internal_error',
    );
    expect((await api.withDigest(alice).get(ME)).status).toBe(200);
  });

  it('is answered with 404 if the account has been deleted since it was looked up', async () => {
    const alice = await api.given.account();
    const answer = await whileDeleting(alice.id, () => api.withDigest(alice).get(ME));
    expect(refusal(answer)).toBe('404 account_not_found');
    expect(answer.challenges).toEqual([]);
  });

  /** Runs the work as if another call deleted the account at the last moment. */
  async function whileDeleting<T>(id: number, work: () => Promise<T>): Promise<T> {
    await api.sql(
      isOnServer
        ? // A MariaDB trigger cannot change a table that the statement reads: it raises the error of the foreign key.
          "CREATE TRIGGER deleted_by_test BEFORE INSERT ON nonces FOR EACH ROW SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1452"
        : `CREATE TRIGGER deleted_by_test AFTER INSERT ON nonces BEGIN UPDATE nonces SET account_id = -${id} WHERE id = NEW.id; END`,
    );
    try {
      return await work();
    } finally {
      await api.sql('DROP TRIGGER deleted_by_test');
    }
  }
});
