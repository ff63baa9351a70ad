import type { Api } from '../support/api.js';
import { eventsIn, named } from '../support/events.js';
import { runCli } from '../support/cli.js';
import { Installation } from '../support/installation.js';

describe('The commands that make administrators', () => {
  let installation: Installation;
  let api: Api;
  let environment: Record<string, string>;

  beforeAll(async () => {
    installation = await Installation.start();
    ({ api, environment } = installation);
  });
  afterAll(() => installation.stop());

  const list = (headers: Record<string, string>) => api.send({ path: '/api/accounts', headers });

  it('accounts:set-admin lets an account administrate, and may be run again', async () => {
    const alice = await api.given.account();
    expect((await api.withKey(alice).get('/api/accounts')).status).toBe(403);
    const outcome = await runCli(environment, 'accounts:set-admin', alice.sip);
    expect(outcome).toMatchObject({ code: 0, stdout: `sip:${alice.sip} is an administrator now.\n` });
    expect(eventsIn([outcome.stderr])).toMatchObject([
      { event: 'administrator.granted', about: named(alice), by: { means: 'command-line' }, msg: 'event' },
    ]);
    expect((await api.withKey(alice).get('/api/accounts')).status).toBe(200);
    const again = await runCli(environment, 'accounts:set-admin', `sip:${alice.sip}`, '--json');
    expect(JSON.parse(again.stdout)).toEqual({ id: alice.id, sip: alice.sip, admin: true, changed: false });
    expect(await api.count('admins', 'account_id = ?', [alice.id])).toBe(1);
  });

  it('accounts:set-admin --revoke takes it back, with the API key', async () => {
    const operator = await api.given.admin();
    await api.given.admin();
    const outcome = await runCli(environment, 'accounts:set-admin', '--revoke', String(operator.id), '--json');
    expect(JSON.parse(outcome.stdout)).toEqual({ id: operator.id, sip: operator.sip, admin: false, changed: true });
    const events = eventsIn(outcome.stderr.trim().split('\n'));
    expect(events.map(({ event }) => event)).toEqual(['api_key.revoked', 'administrator.revoked']);
    expect((await api.withKey(operator).get('/api/accounts/me')).status).toBe(401);
    expect((await api.withDigest(operator).get('/api/accounts')).status).toBe(403);
    expect((await runCli(environment, 'accounts:set-admin', '--revoke', operator.sip)).stdout).toBe(
      `sip:${operator.sip} is not an administrator.\n`,
    );
  });

  it('accounts:set-admin --revoke leaves the last administrator alone, unless that is insisted on', async () => {
    await api.sql('DELETE FROM admins');
    const last = await api.given.admin();
    const refused = await runCli(environment, 'accounts:set-admin', '--revoke', last.username);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^sip:\S+ is the last administrator\. .*--force/) as string,
    });
    expect((await api.withKey(last).get('/api/accounts')).status).toBe(200);
    expect((await runCli(environment, 'accounts:set-admin', '--revoke', '--force', last.username)).code).toBe(0);
    expect(await api.count('admins')).toBe(0);
  });

  it('accounts:set-admin --revoke leaves one administrator, however many are revoked at once', async () => {
    for (const _ of [1, 2, 3]) {
      await api.sql('DELETE FROM admins');
      const all = await Promise.all([1, 2, 3].map(() => api.given.admin()));
      const outcomes = await Promise.all(
        all.map(({ sip }) => runCli(environment, 'accounts:set-admin', '--revoke', sip)),
      );
      expect(outcomes.map(({ code }) => code).toSorted()).toEqual([0, 0, 1]);
      expect(await api.count('admins')).toBe(1);
    }
  });

  it('accounts:set-admin says that an account is not activated', async () => {
    const newcomer = await api.given.inactiveAccount();
    expect((await runCli(environment, 'accounts:set-admin', newcomer.sip)).stdout).toContain(
      'The account is not activated',
    );
  });

  it('api-keys:generate gives a key that works, and ends the one before', async () => {
    const operator = await api.given.admin();
    const refused = await runCli(environment, 'api-keys:generate', operator.sip);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `sip:${operator.sip} already has an API key. Use --force to replace it.\n`,
    });
    expect((await api.withKey(operator).get('/api/accounts')).status).toBe(200);
    const outcome = await runCli(environment, 'api-keys:generate', operator.sip, '--force', '--json');
    const created = JSON.parse(outcome.stdout) as { sip: string; api_key: string };
    expect(created).toEqual({ sip: operator.sip, api_key: expect.stringMatching(/^[A-Za-z0-9]{40}$/) as string });
    expect((await list({ from: operator.from, 'x-api-key': created.api_key })).status).toBe(200);
    expect((await api.withKey(operator).get('/api/accounts')).status).toBe(401);
    expect((await runCli(environment, 'api-keys:generate', operator.sip, '--force')).stdout).toMatch(
      /^SIP address {2}sip:.*\nAPI key {6}[A-Za-z0-9]{40}\n/,
    );
  });

  it('api-keys:generate is for administrators alone', async () => {
    const alice = await api.given.account();
    const outcome = await runCli(environment, 'api-keys:generate', alice.sip);
    expect(outcome).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('is not an administrator') as string,
    });
    expect((await api.withKey(alice).get('/api/accounts/me')).status).toBe(200);
  });

  it.each(['accounts:set-admin', 'accounts:show', 'api-keys:generate'])(
    '%s says in a sentence that there is no such account',
    async (name) => {
      expect(await runCli(environment, name, 'nobody@sip.example.org')).toEqual({
        code: 1,
        stdout: '',
        stderr: 'There is no account nobody@sip.example.org.\n',
      });
      expect(await runCli(environment, name, '999999')).toMatchObject({
        code: 1,
        stderr: 'There is no account 999999.\n',
      });
      expect(await runCli(environment, name, 'no\u001b@addr@ess')).toEqual({
        code: 1,
        stdout: '',
        stderr: '"no\\u001b@addr@ess" is not a SIP address like sip:alice@sip.example.org.\n',
      });
    },
  );
});
