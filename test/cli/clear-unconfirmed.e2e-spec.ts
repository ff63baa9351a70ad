import type { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import type { GivenAccount } from '../support/factories.js';
import { Installation } from '../support/installation.js';

interface Report {
  applied: boolean;
  accounts: { sip: string; certain: boolean }[];
  kept: { uncertain: number; others: number };
}

describe('accounts:clear-unconfirmed', () => {
  let installation: Installation;
  let api: Api;
  let environment: Record<string, string>;

  beforeEach(async () => {
    installation = await Installation.start();
    ({ api, environment } = installation);
  });
  afterEach(() => installation.stop());

  const clear = async (...words: string[]) =>
    JSON.parse((await runCli(environment, 'accounts:clear-unconfirmed', ...words, '--json')).stdout) as Report;
  const sips = ({ accounts }: Report) => accounts.map(({ sip }) => sip);
  const aged = async <A extends { id: number }>(account: A, days: number): Promise<A> => {
    await api.sql('UPDATE accounts SET creation_time = ? WHERE id = ?', [api.given.moment(-days * 86_400), account.id]);
    return account;
  };
  const unconfirmed = async (days: number, state = {}) =>
    aged(await api.given.inactiveAccount({ key: false, ...state }), days);

  /** What may look like an unconfirmed account, and must stay. */
  const givenOthers = async () => {
    const admin = await api.given.admin();
    const deactivate = async (account: GivenAccount) => {
      expect((await api.withKey(admin).post(`/api/accounts/${account.id}/deactivate`)).status).toBe(200);
      return account;
    };
    const create = await api
      .withKey(admin)
      .post('/api/accounts', { username: 'invited', password: 'secret words', algorithm: 'MD5' });
    const invited = create.json as unknown as GivenAccount;
    expect((await api.withKey(admin).post(`/api/accounts/${invited.id}/activate`)).status).toBe(200);
    return [
      await aged(admin, 30),
      await aged(await api.given.account(), 30),
      // Turned off: before it was ever on, after its code was redeemed, after an administrator had turned it on.
      await aged(await deactivate(await api.given.inactiveAccount({ key: false })), 30),
      await aged(await deactivate(await api.given.account({ key: false })), 30),
      await aged(await deactivate(invited), 30),
      // It is blocked, and its name must stay taken.
      await unconfirmed(30, { blocked: true }),
      // Without a code nobody can tell.
      await unconfirmed(30, { confirmationKey: null }),
      // Its code still holds.
      await unconfirmed(30, { confirmationExpiresIn: 3_600 }),
      // It is too young.
      await unconfirmed(6, { confirmationExpiresIn: -3_600 }),
      // It was let in once.
      await unconfirmed(30, { key: true }),
      await unconfirmed(30, { admin: true }),
    ];
  };

  it('lists what would go, and deletes nothing unless it is told to', async () => {
    const old = [await unconfirmed(8), await unconfirmed(30, { confirmationExpiresIn: -3_600 })];
    const before = await api.count('accounts');
    expect(await clear('7')).toMatchObject({
      applied: false,
      accounts: old.map(({ sip }) => ({ sip, certain: true })),
    });
    const { stdout } = await runCli(environment, 'accounts:clear-unconfirmed', '7');
    expect(stdout).toContain('2 accounts would be deleted');
    expect(await api.count('accounts')).toBe(before);
  });

  it('deletes them with all that belongs to them, and nobody else', async () => {
    const old = [await unconfirmed(8), await unconfirmed(30, { confirmationExpiresIn: -3_600 })];
    const others = await givenOthers();
    const report = await clear('7', '--apply');
    expect(report).toMatchObject({ applied: true, kept: { uncertain: 0, others: 7 } });
    expect(sips(report)).toEqual(old.map(({ sip }) => sip));
    expect((await api.sql('SELECT id FROM accounts ORDER BY id')).map(({ id }) => Number(id))).toEqual(
      others.map(({ id }) => id).toSorted((a, b) => a - b),
    );
    for (const table of ['passwords', 'activation_expirations']) {
      expect(await api.count(table, 'account_id NOT IN (SELECT id FROM accounts)')).toBe(0);
    }
    expect(await clear('7', '--apply')).toMatchObject({ accounts: [] });
  });

  it('deletes any number, and says how far it is', async () => {
    const { id } = await unconfirmed(8);
    const copy = `INSERT INTO accounts (username, domain, activated, confirmation_key, ip_address, user_agent, creation_time)
      SELECT CONCAT('copy-', ?, '-', id), domain, activated, confirmation_key, ip_address, user_agent, creation_time FROM accounts WHERE id >= ?`;
    for (let doubling = 0; doubling < 10; doubling++) await api.sql(copy, [doubling, id]);
    const outcome = await runCli(environment, 'accounts:clear-unconfirmed', '7', '--apply');
    expect(outcome.stdout).toContain('1024 accounts deleted.\n');
    expect(outcome.stderr).toContain('\n900 of 1024 accounts deleted\n');
    expect(await api.count('accounts')).toBe(0);
  });

  it.each(['0', 'x', '-3'])('refuses "%s" days', async (days) => {
    const outcome = await runCli(environment, 'accounts:clear-unconfirmed', '--', days);
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: 'DAYS must be a whole number from 1 to 36500.\n' });
  });
});
