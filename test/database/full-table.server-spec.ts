import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { untilServed } from '../support/timed-calls.js';
import { refusal } from '../support/refusal.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

/** Milliseconds for which the database is watched: longer than the service remembers a single failed write. */
const LONG_ENOUGH = 9_000;

describe('While one table is full', () => {
  let database: TestDatabase;
  let api: Api;
  let admin: GivenAccount;
  let alice: GivenAccount;

  beforeEach(async () => {
    database = await createDatabase();
    api = await Api.start({ database });
    admin = await api.given.admin();
    alice = await api.given.account();
  });
  afterEach(async () => {
    await api.stop();
    await database.remove();
  });

  const create = () =>
    api
      .withKey(admin)
      .post('/api/accounts', { username: api.given.unique('newcomer'), password: 'secret words', algorithm: 'MD5' });
  const readiness = () => api.send({ path: '/health/ready' });

  /** Raises the error of InnoDB when it cannot extend the file of a table. */
  const fill = () =>
    api.sql(`CREATE TRIGGER is_full BEFORE INSERT ON accounts FOR EACH ROW
      SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table is full'`);
  const makeRoom = () => api.sql('DROP TRIGGER is_full');

  const expectRecovered = async () => {
    const { answer, seconds } = await untilServed(readiness);
    expect(answer.status).toBe(200);
    expect(seconds).toBeLessThan(10);
    expect((await create()).status).toBe(200);
  };

  it('the process is not ready, whatever else can be written, and is ready again once there is room', async () => {
    await fill();
    expect(refusal(await create())).toBe('503 database_unavailable');
    const seen = new Set<number>();
    for (const end = performance.now() + LONG_ENOUGH; performance.now() < end;) {
      expect((await api.withDigest(alice).get('/api/accounts/me')).status).toBe(200);
      seen.add((await readiness()).status);
    }
    expect([...seen]).toEqual([503]);
    await makeRoom();
    await expectRecovered();
  }, 60_000);

  it('a probe can write to the table of tokens of any installation', async () => {
    await api.sql(`ALTER TABLE tokens ADD UNIQUE INDEX own_tokens (token), ADD UNIQUE INDEX own_devices (pn_prid),
      MODIFY created_at datetime NOT NULL, MODIFY updated_at datetime NOT NULL`);
    await api.sql(`INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, created_at, updated_at)
      VALUES ('', '', '', '', 1, UTC_TIMESTAMP(), UTC_TIMESTAMP())`);
    await fill();
    expect(refusal(await create())).toBe('503 database_unavailable');
    await makeRoom();
    await expectRecovered();
    expect(await api.count('tokens')).toBe(1);
  }, 60_000);
});
