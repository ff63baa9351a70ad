import { writeFileSync } from 'node:fs';
import { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { diagnose, found } from '../support/doctor.js';
import type { GivenAccount } from '../support/factories.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, isOnServer, type TestDatabase } from '../support/test-database.js';

// Each test runs several processes, one after the other.
jest.setTimeout(90_000);

const SECRETS = { APP_KEY };

describe('doctor', () => {
  let database: TestDatabase;
  let api: Api;
  let environment: Record<string, string>;

  beforeAll(async () => {
    database = await createDatabase();
    api = await Api.start({ database });
    environment = { ...SECRETS, APP_URL: 'https://api.example.org', TRUST_PROXY: '127.0.0.1', ...database.environment };
  });
  afterAll(async () => {
    await api.stop();
    await database.remove();
  });

  const ofLogin = async (
    account: GivenAccount,
    { password = account.password, ...others }: Record<string, string> = {},
  ) =>
    diagnose({ ...environment, ...others }, ['--account', account.sip, '--password-stdin'], { input: `${password}\n` });
  const overSip = (can: string) =>
    isOnServer
      ? `ok: over SIP: ${can}, if flexisip.conf has this realm and one of these algorithms`
      : expect.stringContaining('warning: over SIP: no account');

  it('finds a healthy installation healthy, in lines and exit code 0', async () => {
    const diagnosis = await diagnose(environment);
    expect(diagnosis).toMatchObject({ code: 0, stderr: '' });
    expect(diagnosis.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(found(diagnosis, 'settings')).toEqual(['ok: valid']);
    expect(found(diagnosis, 'public URL')).toEqual(['ok: https://api.example.org']);
    expect(found(diagnosis, 'database')).toEqual([expect.stringMatching(/^ok: .* answers, version \d/) as string]);
    expect(found(diagnosis, 'schema')).toEqual(['ok: up to date']);
    expect(found(diagnosis, 'rows')).toEqual(['ok: no problems in accounts, passwords and phone numbers']);
    expect(found(diagnosis, 'collations')).toEqual(isOnServer ? ['ok: utf8mb4_unicode_ci'] : []);
    expect(found(diagnosis, 'clock')).toEqual(isOnServer ? ["ok: agrees with the database's"] : []);
    const lines = (await runCli(environment, 'doctor')).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(diagnosis.findings.length);
    for (const line of lines) expect(line).toMatch(/^(ok {7}|warning {2})\S/);
  });

  it.each([['MD5'], ['SHA-256'], ['CLRTXT']] as const)(
    'says that an account with a password in %s can log in',
    async (algorithm) => {
      const account = await api.given.account({ stored: [algorithm] });
      const diagnosis = await ofLogin(account);
      const can = `sip:${account.sip} can log in with this password, in the realm sip.example.org by ${account.algorithms.join(' or ')}`;
      expect(found(diagnosis, 'account')).toEqual([`ok: over HTTP: ${can}`, overSip(can)]);
      expect(diagnosis.code).toBe(0);
      // And it can, with the service that it was said of.
      expect((await api.withDigest(account).get('/api/accounts/me')).status).toBe(200);
    },
  );

  it('looks at an account without its password, too', async () => {
    const account = await api.given.account();
    for (const name of [`sip:${account.sip}`, account.username]) {
      const diagnosis = await diagnose(environment, ['--account', name]);
      expect(found(diagnosis, 'account')[0]).toContain('can log in if the password is right');
    }
  });

  const cannot = async (account: GivenAccount, reason: string, circumstances: Record<string, string> = {}) => {
    const diagnosis = await ofLogin(account, circumstances);
    const [http, sip, ...reasons] = found(diagnosis, 'account');
    expect([http, sip]).toEqual(['HTTP', 'SIP'].map((way) => `error: over ${way}: sip:${account.sip} cannot log in`));
    expect(reasons).toEqual([expect.stringContaining(reason)]);
    expect(diagnosis).toMatchObject({ code: 1, status: 'error', stderr: '' });
    expect(diagnosis.stdout).not.toContain(circumstances.password ?? account.password);
  };

  it('says why an account cannot log in', async () => {
    await cannot(await api.given.account(), 'error: SHA-256: the password is wrong', { password: 'not the one' });
    await cannot(await api.given.account({ stored: ['CLRTXT'] }), 'error: CLRTXT: the password is wrong', {
      password: 'not the one',
    });
    await cannot(await api.given.inactiveAccount(), 'error: it is not activated');
    await cannot(await api.given.account({ stored: [] }), 'error: it has no password');
  });

  it('takes what the service takes for a password, and nothing else', async () => {
    const account = await api.given.account({ stored: ['MD5'] });
    await api.sql('UPDATE passwords SET password = UPPER(password) WHERE account_id = ?', [account.id]);
    expect(found(await ofLogin(account), 'account')[0]).toContain('ok: over HTTP');
    expect(found(await diagnose(environment), 'rows')).toEqual([expect.stringMatching(/^ok: /)]);
    await api.sql("UPDATE passwords SET password = '*' WHERE account_id = ?", [account.id]);
    expect(found(await ofLogin(account), 'account').slice(2)).toEqual([
      'warning: MD5: the stored value is not a hexadecimal HA1 and is ignored',
      'error: it has no password',
    ]);
    await api.sql("UPDATE api_keys SET `key` = '*' WHERE account_id = ?", [account.id]);
    expect(found(await diagnose(environment), 'rows')).toEqual([
      `error: passwords that cannot be used, because of their algorithm or form: sip:${account.sip}`,
      `warning: API keys that are not accepted, because they are too short or contain unusual characters: sip:${account.sip}`,
    ]);
    await api.sql('DELETE FROM accounts WHERE id = ?', [account.id]);
  });

  it('says with which realm a password was made', async () => {
    const account = await api.given.account();
    const reason =
      'the password is right, but its HA1 was computed with the realm sip.example.org; the settings say another';
    await cannot(account, reason, { ACCOUNT_REALM: 'another' });
    const elsewhere = await api.given.account({ domain: 'elsewhere.example.org' });
    await cannot(elsewhere, 'computed with the realm elsewhere.example.org', { ACCOUNT_REALM: 'another' });
    expect(found(await diagnose(environment), 'rows')).toEqual([
      `warning: accounts in domains other than sip.example.org: sip:${elsewhere.sip}`,
    ]);
    await api.sql('DELETE FROM accounts WHERE id = ?', [elsewhere.id]);
  });

  it('says that FIRST_ADMIN is taken, where nobody is an administrator yet', async () => {
    const { username, sip } = await api.given.account();
    const ofRows = async () => found(await diagnose({ ...environment, FIRST_ADMIN: username }), 'rows');
    expect(await ofRows()).toContain(`error: FIRST_ADMIN: sip:${sip} already exists and is not an administrator`);
    const operator = await api.given.admin();
    expect(await ofRows()).not.toContainEqual(expect.stringContaining('FIRST_ADMIN'));
    await api.sql('DELETE FROM accounts WHERE id = ?', [operator.id]);
  });

  it('says that there is no such account', async () => {
    const diagnosis = await diagnose(environment, ['--account', 'nobody@sip.example.org']);
    expect(found(diagnosis, 'account')).toEqual(['error: there is no account sip:nobody@sip.example.org']);
  });

  it('says that a number leads to two accounts', async () => {
    const one = await api.given.account({ phone: '+33611111111' });
    const other = await api.given.account({ username: '+33611111111' });
    expect(found(await diagnose(environment), 'rows')).toEqual([
      `warning: accounts with a phone number that is the username of another account: sip:${one.sip}`,
    ]);
    await api.sql('DELETE FROM accounts WHERE id IN (?, ?)', [one.id, other.id]);
  });

  it('tells every mistake in the settings, and looks at the rest', async () => {
    const mistaken = { PORT: 'secret-1', MAIL_DRIVER: 'smtp', MAIL_PASSWORD: 'secret-2', RATE_LIMITS: 'off' };
    const diagnosis = await diagnose({ ...environment, ...mistaken });
    expect(diagnosis).toMatchObject({ code: 1, stderr: '' });
    for (const name of ['PORT', 'MAIL_HOST', 'MAIL_FROM_ADDRESS', 'MAIL_USERNAME']) {
      expect(found(diagnosis, 'settings')).toContainEqual(expect.stringContaining(`error: ${name}: `));
    }
    expect(found(diagnosis, 'settings')).toContainEqual(expect.stringContaining('warning: limits are off'));
    expect(found(diagnosis, 'mail')).toEqual(['warning: not checked: its settings are wrong']);
    expect(found(diagnosis, 'schema')).toEqual(['ok: up to date']);
    expect(diagnosis.stdout).not.toMatch(/secret-\d/);
  });

  it.each([
    [{ APP_URL: '' }, '(APP_URL is not set) is only reachable from this machine'],
    [{ APP_URL: 'http://api.example.org' }, 'is not encrypted'],
    [{ APP_URL: 'https://api.example.org/api' }, 'ends in /api'],
    [{ TRUST_PROXY: '' }, 'limits count all callers as one: the reverse proxy'],
  ])('warns of %j', async (changed: Record<string, string>, message) => {
    const diagnosis = await diagnose({ ...environment, ...changed });
    expect(found(diagnosis, 'public URL')).toEqual([expect.stringContaining(message)]);
    expect(diagnosis.code).toBe(0);
  });

  it('says what a wrong command lacks', async () => {
    expect(await runCli(environment, 'doctor', '--password-stdin')).toEqual({
      code: 1,
      stdout: '',
      stderr: '--password-stdin needs --account, which names the account of the password.\n',
    });
    expect((await runCli({}, 'doctor', '--help')).stdout).toContain('--account <account>');
  });
});

describe('doctor, where the schema is behind,', () => {
  it('says whether the service will mend that, and changes nothing', async () => {
    const database = await createDatabase();
    const environment = { ...SECRETS, ...database.environment };
    if (!isOnServer) {
      expect(found(await diagnose(environment), 'database')).toEqual([
        expect.stringMatching(/^warning: .* does not exist yet$/),
      ]);
      await runCli({ ...environment, DB_MIGRATE: 'false' }, 'migrate:status');
    }
    const pending = 'pending migrations: Create flexisip tables (CreateFlexisipTables1767225600000), ';
    const diagnosis = await diagnose(environment);
    expect(found(diagnosis, 'schema')).toEqual([expect.stringContaining(pending)]);
    expect(diagnosis).toMatchObject({ code: 0, status: 'warning' });
    expect(await diagnose({ ...environment, DB_MIGRATE: 'false' })).toMatchObject({ code: 1, status: 'error' });
    expect((await runCli(environment, 'migrate:status')).code).toBe(2);
    await database.remove();
  });
});

if (!isOnServer) {
  it('doctor says that the key beside an embedded database is too short', async () => {
    const database = await createDatabase();
    const key = `${database.environment.DB_DATABASE}.key`;
    writeFileSync(key, 'short', { mode: 0o600 });
    expect(found(await diagnose(database.environment), 'database')).toContain(
      `error: APP_KEY: the file ${key} must hold at least 32 characters`,
    );
    const others = await diagnose({ ...database.environment, ...SECRETS });
    expect(found(others, 'database')).not.toContainEqual(expect.stringContaining('.key'));
    await database.remove();
  });
}
