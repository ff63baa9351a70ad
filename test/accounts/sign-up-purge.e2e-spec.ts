import { SignUpPurgeService } from '../../src/accounts/sign-up-purge.service.js';
import { Api } from '../support/api.js';
import { eventsOf } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal } from '../support/refusal.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

const DAY = 86_400;
/** Seconds that the test itself may take. */
const MARGIN = 5;

describe('Accounts of a sign-up that nobody completed', () => {
  let database: TestDatabase;
  let one: Api;
  let other: Api;

  beforeAll(async () => {
    database = await createDatabase();
    one = await Api.start({ database });
    other = await Api.start({ database });
  });
  afterAll(async () => {
    await other.stop();
    await one.stop();
    await database.remove();
  });

  const purge = (api = one, signal?: AbortSignal) => api.app.get(SignUpPurgeService).run(signal);
  const exists = async ({ id }: GivenAccount) => (await one.count('accounts', 'id = ?', [id])) === 1;
  /** An account that is a day old, and whose token expired some time ago. */
  const signUp = async (
    state: Parameters<Api['given']['newAccount']>[0] = {},
    { age = DAY + MARGIN, tokenExpiresIn = -1 as number | null, usedBy = 'with-creation-token' } = {},
  ): Promise<GivenAccount> => {
    const account = await one.given.account({ activated: false, neverActivated: true, creationToken: true, ...state });
    await one.sql('UPDATE accounts SET creation_time = ? WHERE id = ?', [one.given.moment(-age), account.id]);
    await one.sql(
      `INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, used_by, account_id, expires, created_at)
       VALUES (?, 'fcm', 'project', ?, 1, ?, ?, ?, ?)`,
      [
        one.given.unique('token'),
        one.given.unique('device'),
        usedBy,
        account.id,
        tokenExpiresIn === null ? null : one.given.moment(tokenExpiresIn),
        one.given.moment(-age),
      ],
    );
    return account;
  };
  const pending = (table: string, id: number, columns: Record<string, string>, age: number) => {
    const row = { account_id: id, created_at: one.given.moment(-age), ...columns };
    const names = Object.keys(row);
    const marks = names.map(() => '?').join(', ');
    return one.sql(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`, Object.values(row));
  };

  it('are deleted with all that belongs to them, and their names can be taken at once', async () => {
    const account = await signUp();
    // Nest has one log for all applications of the process: that of the last one.
    const events = await eventsOf(other, async () => expect(await purge()).toBe(1));
    expect(events).toMatchObject([{ event: 'account.deleted', about: { id: account.id }, by: { means: 'job' } }]);
    for (const table of ['passwords', 'api_keys', 'tokens'])
      expect(await one.count(table, 'account_id = ?', [account.id])).toBe(0);
    const { username } = account;
    const body = {
      username,
      password: 'other words',
      algorithm: 'SHA-256',
      account_creation_token: await one.given.token(),
    };
    const answer = await other.anonymous().post('/api/accounts/with-account-creation-token', body);
    expect(answer).toMatchObject({ status: 200, json: { username, activated: false } });
    expect(await purge()).toBe(0);
    await one.sql('DELETE FROM accounts WHERE username = ?', [username]);
  });

  it('are deleted if their token has no end of its own and is too old', async () => {
    const account = await signUp({}, { tokenExpiresIn: null });
    expect(await purge()).toBe(1);
    expect(await exists(account)).toBe(false);
  });

  it.each<[string, () => Promise<GivenAccount>]>([
    ['are too young', () => signUp({}, { age: DAY - MARGIN })],
    ['have a token that is still valid', () => signUp({}, { tokenExpiresIn: DAY })],
    [
      'have a token without an end that is still valid',
      async () => {
        const account = await signUp({}, { tokenExpiresIn: null });
        await one.sql('UPDATE tokens SET created_at = ? WHERE account_id = ?', [one.given.moment(-60), account.id]);
        return account;
      },
    ],
    ['only consumed a token', () => signUp({}, { usedBy: 'consume' })],
    ['were activated', () => signUp({ activated: true })],
    ['were turned off', () => signUp({ neverActivated: false })],
    ['are blocked', () => signUp({ blocked: true })],
    ['are of an administrator', () => signUp({ admin: true })],
    ['wait for an activation code', () => signUp({ confirmationKey: 'aZ3kP9sQ1xW7b' })],
    ['have no creation token', () => signUp({ creationToken: false })],
    [
      'have a phone code that is valid',
      async () => {
        const account = await signUp();
        await pending('phone_change_codes', account.id, { code: '1234', phone: '+33612345678' }, 600 - MARGIN);
        return account;
      },
    ],
    [
      'have an e-mail link that is valid',
      async () => {
        const account = await signUp();
        await pending('email_changed', account.id, { hash: 'x', new_email: 'a@example.org' }, DAY - MARGIN);
        return account;
      },
    ],
  ])('stay if they %s', async (_state, create) => {
    const account = await create();
    expect(await purge()).toBe(0);
    expect(await exists(account)).toBe(true);
    await one.sql('DELETE FROM accounts WHERE id = ?', [account.id]);
  });

  it('are deleted once their codes have expired', async () => {
    const account = await signUp();
    await pending('phone_change_codes', account.id, { code: '1234', phone: '+33612345678' }, 601);
    await pending('email_changed', account.id, { hash: 'y', new_email: 'a@example.org' }, DAY + 1);
    expect(await purge()).toBe(1);
    expect(await exists(account)).toBe(false);
  });

  it('are deleted once by two processes, more than a batch of them, and survive an activation at the same moment', async () => {
    const accounts: GivenAccount[] = [];
    for (let index = 0; index < 105; index += 1) accounts.push(await signUp({ stored: [], key: false }));
    const survivor = accounts.at(-1) as GivenAccount;
    const admin = await one.given.admin();
    const [activation, ...deleted] = await Promise.all([
      other.withKey(admin).post(`/api/accounts/${survivor.id}/activate`),
      purge(one),
      purge(other),
    ]);
    const survives = activation.status === 200;
    if (!survives) expect(refusal(activation)).toBe('404 account_not_found');
    expect(await exists(survivor)).toBe(survives);
    expect(deleted.reduce((sum, count) => sum + count, 0)).toBe(survives ? 104 : 105);
  });

  it('stay where the run is aborted, and are deleted by the next run', async () => {
    const account = await signUp();
    expect(await purge(one, AbortSignal.abort())).toBe(0);
    expect(await exists(account)).toBe(true);
    expect(await purge()).toBe(1);
  });
});

describe('With SIGN_UP_LIFETIME=0', () => {
  it('they stay', async () => {
    const api = await Api.start({ environment: { SIGN_UP_LIFETIME: '0' } });
    const account = await api.given.newAccount();
    await api.sql("UPDATE accounts SET creation_time = '2020-01-01 00:00:00' WHERE id = ?", [account.id]);
    expect(await api.app.get(SignUpPurgeService).run()).toBe(0);
    expect(await api.count('accounts', 'id = ?', [account.id])).toBe(1);
    await api.stop();
  });
});
