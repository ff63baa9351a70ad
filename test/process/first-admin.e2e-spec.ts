import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../support/api.js';
import { runCli, runNode, SERVICE } from '../support/cli.js';
import { sendRequest } from '../support/http.js';
import { freePort } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { Service } from '../support/service.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

describe('FIRST_ADMIN', () => {
  let folder: string;
  let database: TestDatabase;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-first-admin-'));
    database = await createDatabase();
  });
  afterEach(async () => {
    await database.remove();
    rmSync(folder, { recursive: true });
  });

  const environment = async (more: Record<string, string> = {}) => ({
    ...database.environment,
    APP_KEY,
    PORT: String(await freePort()),
    FIRST_ADMIN: 'operator',
    ...more,
  });

  it('is created with a drawn password and key, shown once, while there is no administrator', async () => {
    const settings = await environment();
    const first = await Service.start(settings, folder);
    expect(first.stdout).toContain('SIP address  sip:operator@sip.example.org');
    const key = /API key +(\S+)/.exec(first.stdout)?.[1] ?? '';
    const headers = { from: 'sip:operator@sip.example.org', 'x-api-key': key };
    const list = await sendRequest(`http://127.0.0.1:${settings.PORT}`, { path: '/api/accounts', headers });
    expect(list).toMatchObject({
      status: 200,
      json: { total: 1, data: [{ username: 'operator', admin: true, activated: true }] },
    });
    await first.stop();

    const second = await Service.start({ ...settings, FIRST_ADMIN: 'another' }, folder);
    expect(second.stdout).not.toContain('administrator');
    await second.stop();
  });

  it('has the password of the file, of which nothing is shown, nor a key', async () => {
    const file = join(folder, 'password');
    writeFileSync(file, 'correct horse\n');
    const service = await Service.start(await environment({ FIRST_ADMIN_PASSWORD_FILE: file }), folder);
    expect(service.stdout).toContain('Its password is that of FIRST_ADMIN_PASSWORD.');
    expect(service.stdout).not.toMatch(/correct horse|API key/);
    await service.stop();

    const api = await Api.start({ database });
    expect(await api.count('api_keys')).toBe(0);
    const operator = {
      ...(await api.given.account()),
      username: 'operator',
      from: 'sip:operator@sip.example.org',
      password: 'correct horse',
    };
    expect((await api.withDigest(operator, 'SHA-256').get('/api/accounts')).status).toBe(200);
    await api.stop();
  });

  it('is created once by services that start at the same time', async () => {
    const settings = await Promise.all(range(3).map(() => environment()));
    const services = await Promise.all(settings.map((each) => Service.start(each, folder)));
    expect(services.filter(({ stdout }) => stdout.includes('A first administrator was created'))).toHaveLength(1);
    await Promise.all(services.map((service) => service.stop()));

    const api = await Api.start({ database });
    expect([await api.count('accounts'), await api.count('admins')]).toEqual([1, 1]);
    await api.stop();
  });

  it('is not made of an account that is there: the service says so and ends', async () => {
    const api = await Api.start({ database });
    await api.given.account({ username: 'operator' });
    await api.stop();
    const outcome = await runNode([SERVICE], await environment(), folder);
    expect(outcome).toMatchObject({
      code: 1,
      stderr:
        'FIRST_ADMIN: sip:operator@sip.example.org already exists and is not an administrator. Choose another name, or leave FIRST_ADMIN out.\n',
    });
  });

  it('is not needed by commands, which create what they are asked to', async () => {
    const settings = await environment();
    expect((await runCli(settings, 'accounts:create-admin', 'someone')).code).toBe(0);
    const service = await Service.start(settings, folder);
    expect(service.stdout).not.toContain('A first administrator was created');
    await service.stop();
  });
});
