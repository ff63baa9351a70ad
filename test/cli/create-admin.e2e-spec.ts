import { Api } from '../support/api.js';
import { runCli, runCliWithInput } from '../support/cli.js';
import { eventsIn } from '../support/events.js';
import { whileRefusing } from '../support/refused-writes.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

describe('accounts:create-admin', () => {
  let database: TestDatabase;
  let environment: Record<string, string>;

  beforeAll(async () => {
    database = await createDatabase();
    environment = { APP_KEY, ...database.environment };
  });
  afterAll(() => database.remove());

  it('creates the administrator that nobody creates unasked', async () => {
    const outcome = await runCli(
      environment,
      'accounts:create-admin',
      'operator',
      '--email',
      'operator@example.org',
      '--json',
    );
    expect(outcome.code).toBe(0);
    const created = JSON.parse(outcome.stdout) as { sip: string; password: string; api_key: string };
    const api = await Api.start({ database });
    const headers = { from: `sip:${created.sip}`, 'x-api-key': created.api_key };
    expect(await api.send({ path: '/api/accounts', headers })).toMatchObject({
      status: 200,
      json: { total: 1, data: [{ admin: true, activated: true }] },
    });
    const operator = {
      ...(await api.given.account()),
      username: 'operator',
      from: headers.from,
      password: created.password,
    };
    expect((await api.withDigest(operator, 'SHA-256').get('/api/accounts/me')).json).toMatchObject({
      email: 'operator@example.org',
    });
    await api.stop();
  });

  it('reports what it did on standard error, and no secret', async () => {
    const { stdout, stderr } = await runCli(
      environment,
      'accounts:create-admin',
      'reported',
      '--password',
      'Secret words',
      '--json',
    );
    const about = { id: expect.any(Number) as number, sip: 'reported@sip.example.org' };
    expect(eventsIn(stderr.trim().split('\n'))).toEqual(
      ['account.created', 'administrator.granted', 'api_key.generated'].map(
        (event) => expect.objectContaining({ event, about, by: { means: 'command-line' } }) as unknown,
      ),
    );
    const { api_key: key } = JSON.parse(stdout) as { api_key: string };
    for (const secret of ['Secret words', key]) expect(stderr).not.toContain(secret);
  });

  it('takes a password from standard input, where `ps` does not show it', async () => {
    const { stdout } = await runCliWithInput(
      'Secret words\n',
      environment,
      'accounts:create-admin',
      'silent',
      '--password-stdin',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({ password: 'Secret words' });
    const both = ['--password', 'secret words', '--password-stdin'];
    expect(await runCliWithInput('other words', environment, 'accounts:create-admin', 'torn', ...both)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Use either --password or --password-stdin, not both.\n',
    });
    const tooShort = await runCliWithInput('\n', environment, 'accounts:create-admin', 'torn', '--password-stdin');
    expect(tooShort.stderr).toContain('  - password must have 6 to 256 characters');
  });

  it('says in a sentence what is wrong', async () => {
    expect(await runCli(environment, 'accounts:create-admin', 'operator')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'This username is already taken.\n',
    });
    const invalid = await runCli(
      environment,
      'accounts:create-admin',
      'Op',
      '--password',
      'short',
      '--domain',
      'Not A Domain',
    );
    expect(invalid.code).toBe(1);
    for (const field of ['username', 'password', 'domain'])
      expect(invalid.stderr).toMatch(new RegExp(`^(  - )?${field} must `, 'm'));
    expect(invalid.stderr).not.toContain('    at ');
  });

  it('creates the account with its key or not at all, and reports nothing then', async () => {
    const api = await Api.start({ database });
    await whileRefusing(api, 'INSERT', 'api_keys', async () => {
      const { code, stderr } = await runCli(environment, 'accounts:create-admin', 'halfway');
      expect(code).toBe(1);
      expect(stderr).not.toContain('account.created');
    });
    expect(await api.count('accounts', 'username = ?', ['halfway'])).toBe(0);
    await api.stop();
  });

  it('has --help without settings or a database', async () => {
    const outcome = await runCli({}, 'accounts:create-admin', '--help');
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain('--json');
  });
});
