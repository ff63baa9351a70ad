import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadSettings } from '../../src/config/load-settings.js';
import { runNode } from '../support/cli.js';
import { freePort } from '../support/private-mariadb.js';
import { Service } from '../support/service.js';

const run = promisify(execFile);
const deploy = join(__dirname, '../../deploy');

describe('The scripts of the containers', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-image-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const prepare = (more: Record<string, string> = {}) =>
    run(join(deploy, 'prepare.sh'), [folder], { env: { PATH: process.env.PATH, ...more } });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim();

  it('tell by their exit code whether the service is well', async () => {
    const PORT = String(await freePort());
    const ask = async (question: string) =>
      (await runNode([join(deploy, 'image/healthcheck.mjs'), question], { PORT })).code;
    expect(await ask('live')).toBe(1);
    const service = await Service.start({ PORT }, folder);
    expect([await ask('live'), await ask('ready'), await ask('nonsense')]).toEqual([0, 0, 1]);
    await service.stop();
    expect(await ask('live')).toBe(1);
  });

  it('draw secrets once that the service takes', async () => {
    await prepare();
    expect(readdirSync(folder).toSorted()).toEqual(['app_key', 'db_password']);
    const drawn = [read('app_key'), read('db_password')];
    expect(new Set(drawn).size).toBe(2);
    expect(loadSettings({ APP_KEY_FILE: join(folder, 'app_key') }).appKey).toBe(drawn[0]);
    // The user of the database must read what that of the service wrote.
    expect(statSync(join(folder, 'db_password')).mode & 0o777).toBe(0o444);
    await prepare();
    expect([read('app_key'), read('db_password')]).toEqual(drawn);
  });

  it('keep the secrets that are given, whatever characters they hold', async () => {
    await prepare();
    const password = `a %s "b" $(c) \\n 'd'`;
    await prepare({ DB_PASSWORD: password });
    expect(readFileSync(join(folder, 'db_password'), 'utf8')).toBe(password);
  });

  it('refuse a mail server that would be spoken to as the catcher is, in the clear', async () => {
    await expect(prepare({ MAIL_HOST: 'smtp.example.org', MAIL_PORT: '587' })).rejects.toMatchObject({
      code: 1,
      stderr: 'MAIL_HOST in .env needs MAIL_PORT and MAIL_ENCRYPTION beside it.\n',
    });
    await prepare({ MAIL_HOST: 'smtp.example.org', MAIL_PORT: '587', MAIL_ENCRYPTION: 'starttls' });
  });
});
