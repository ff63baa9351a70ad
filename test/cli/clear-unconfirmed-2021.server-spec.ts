import { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { fill2021 } from '../support/database-2021.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

describe('accounts:clear-unconfirmed on a database of 2021', () => {
  let database: TestDatabase;
  let api: Api;
  let environment: Record<string, string>;

  beforeAll(async () => {
    database = await createDatabase();
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    api = await Api.start({ database });
    environment = { APP_KEY, ...database.environment };
    await api.sql('DELETE FROM activation_expirations');
  });
  afterAll(async () => {
    await api.stop();
    await database.remove();
  });

  const clear = async (...words: string[]) => {
    const { stdout } = await runCli(environment, 'accounts:clear-unconfirmed', ...words, '--json');
    return JSON.parse(stdout) as unknown;
  };

  it('keeps what its server may have activated, unless it is told that it did not', async () => {
    // Not to be told from an account that its administrators activated and turned off: that server ends no code.
    expect(await clear('7', '--apply')).toEqual({ applied: true, accounts: [], kept: { uncertain: 1, others: 0 } });
    const { stdout } = await runCli(environment, 'accounts:clear-unconfirmed', '7');
    expect(stdout).toContain('--uncertain');
    const carol = { id: 3, sip: 'carol@sip.example.org', creation_time: '2021-03-03 10:00:00', certain: false };
    expect(await clear('7', '--uncertain')).toMatchObject({ applied: false, accounts: [carol] });
    expect(await clear('7', '--uncertain', '--apply')).toMatchObject({ applied: true, accounts: [carol] });
    expect(await api.count('accounts', 'id = 3')).toBe(0);
  });
});

describe('accounts:clear-unconfirmed on a database that went back to 2021', () => {
  it('takes nothing for certain, also where this service had made the tables', async () => {
    const database = await createDatabase();
    const environment = { APP_KEY, ...database.environment };
    const api = await Api.start({ database });
    const { id } = await api.given.inactiveAccount({ key: false });
    await api.sql('UPDATE accounts SET creation_time = ? WHERE id = ?', [api.given.moment(-30 * 86_400), id]);
    const kept = async () => {
      const { stdout } = await runCli(environment, 'accounts:clear-unconfirmed', '7', '--json');
      return (JSON.parse(stdout) as { kept: unknown }).kept;
    };
    expect(await kept()).toEqual({ uncertain: 0, others: 0 });
    expect((await runCli(environment, 'migrate:revert', '--apply')).code).toBe(0);
    // The old server may have activated the account in the meantime, and turned it off.
    expect(await kept()).toEqual({ uncertain: 1, others: 0 });
    await api.stop();
    await database.remove();
  });
});
