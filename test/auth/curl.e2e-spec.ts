import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';

const run = promisify(execFile);

describe('curl --digest', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  const curl = async (account: GivenAccount, path: string, ...options: string[]) => {
    const user = ['--digest', '--user', `${account.username}:${account.password}`, '--header', `From: ${account.from}`];
    const { stdout } = await run('curl', ['--silent', '--include', ...user, ...options, `${api.origin}${path}`]);
    return stdout;
  };

  it.each(['MD5', 'SHA-256', 'CLRTXT'] as const)('gets in with a password stored as %s', async (stored) => {
    const account = await api.given.account({ stored: [stored] });
    const output = await curl(account, '/api/accounts/me');
    expect(output).toMatch(/^HTTP\/1\.1 401 [\s\S]*\nHTTP\/1\.1 200 /);
    expect(output).toContain(`"username":"${account.username}"`);
    const algorithms = [...output.matchAll(/www-authenticate: Digest .*algorithm=([A-Z0-9-]+)/gi)].map(
      ([, algorithm]) => algorithm,
    );
    expect(new Set(algorithms)).toEqual(new Set(account.algorithms));
  });

  it('can post a body', async () => {
    const account = await api.given.account({ stored: ['MD5'] });
    const body = JSON.stringify({ algorithm: 'SHA-256', password: 'another secret', old_password: account.password });
    const output = await curl(
      account,
      '/api/accounts/me/password',
      '--header',
      'Content-Type: application/json',
      '--data',
      body,
    );
    expect(output).toMatch(/\r\n\r\n\{\}$/);
    expect(await curl({ ...account, password: 'another secret' }, '/api/accounts/me')).toContain(
      '[{"algorithm":"SHA-256"}]',
    );
  });

  it('does not get in with a wrong password', async () => {
    const account = await api.given.account();
    expect(await curl({ ...account, password: 'wrong' }, '/api/accounts/me')).not.toContain('200 OK');
  });
});
