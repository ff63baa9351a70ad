import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMounted } from '../../src/doctor/checks/private-files-check.js';
import { CLI, ORMCONFIG, runNode } from '../support/cli.js';
import { diagnose, found } from '../support/doctor.js';
import { freePort } from '../support/private-mariadb.js';
import { Service } from '../support/service.js';
import { APP_KEY } from '../support/settings.js';

const prepare = join(__dirname, '../../deploy/prepare.sh');
const typeorm = require.resolve('typeorm/cli.js');
const isRoot = process.getuid?.() === 0;
const DATABASE = 'var/flexisip-api.sqlite';

/** What the service has under its folder while it runs, each with its mode. */
const PRIVATE = {
  var: '700',
  [DATABASE]: '600',
  [`${DATABASE}-wal`]: '600',
  [`${DATABASE}-shm`]: '600',
  [`${DATABASE}.key`]: '600',
};

/** Starts processes that inherit the umask. */
function under<T>(umask: number, start: () => T): T {
  const before = process.umask(umask);
  try {
    return start();
  } finally {
    process.umask(before);
  }
}

// Each test starts several programs.
jest.setTimeout(120_000);

describe('Files that hold secrets', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-private-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const path = (name: string) => join(folder, name);
  const modeOf = (name: string) => (statSync(path(name)).mode & 0o777).toString(8);
  /** Every file and folder below, with its mode. */
  const modes = () =>
    Object.fromEntries(readdirSync(folder, { recursive: true }).map((name) => [String(name), modeOf(String(name))]));

  /** Creates a file with exactly this mode, whatever umask the tests run under. */
  const writeWithMode = (name: string, content: string, mode: number) => {
    writeFileSync(path(name), content);
    chmodSync(path(name), mode);
  };

  const startService = async () => Service.start({ PORT: String(await freePort()) }, folder);

  describe.each([0o000, 0o022, 0o777])('under the umask %o', (umask) => {
    it('are for the user of the service alone, and so is the folder around them', async () => {
      const port = String(await freePort());
      const service = await under(umask, () => Service.start({ PORT: port }, folder));
      expect(modes()).toEqual(PRIVATE);
      await service.stop();
    });

    it('are so too where a command or the command line of TypeORM creates them', async () => {
      const [ours, typeorms] = [path('a/ours.sqlite'), path('b/typeorms.sqlite')];
      const outcomes = await under(umask, () =>
        Promise.all([
          runNode([CLI, 'accounts:create-admin', 'operator'], { DB_DATABASE: ours }),
          runNode([typeorm, '-d', ORMCONFIG, 'migration:run'], { DB_DATABASE: typeorms }),
        ]),
      );
      expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
      expect(modes()).toEqual({
        a: '700',
        'a/ours.sqlite': '600',
        'a/ours.sqlite.key': '600',
        b: '700',
        'b/typeorms.sqlite': '600',
        // The command line of TypeORM ends the process while they are open; there is nothing in them that the file lacks.
        'b/typeorms.sqlite-shm': '600',
        'b/typeorms.sqlite-wal': '600',
        'b/typeorms.sqlite.key': '600',
      });
    });
  });

  it('become private at start where they were open, and the log says so', async () => {
    await (await startService()).stop();
    const names = [DATABASE, `${DATABASE}.key`];
    for (const name of names) chmodSync(path(name), 0o644);
    // What a crash leaves behind, or a copy of a running database.
    for (const name of [`${DATABASE}-wal`, `${DATABASE}-shm`]) writeWithMode(name, '', 0o664);
    const service = await startService();
    expect(modes()).toEqual(PRIVATE);
    for (const name of names) expect(service.stdout).toContain(`${name} was open to other users. Its mode is 600 now.`);
    await service.stop();
  });

  // Only root can give a file to another user.
  if (isRoot) {
    it('stay as they are where another user owns them, and start says what to do', async () => {
      await (await startService()).stop();
      chmodSync(path(DATABASE), 0o666);
      chownSync(path(DATABASE), 65_534, 65_534);
      const service = await startService();
      expect(modeOf(DATABASE)).toBe('666');
      expect(service.stdout).toContain(`chmod 600 ${path(DATABASE)}`);
      await service.stop();
    });
  }

  it('are named by doctor where other users have rights on them, and left as they are', async () => {
    await (await startService()).stop();
    const DB_DATABASE = path(DATABASE);
    expect(found(await diagnose({ DB_DATABASE }), 'files')).toEqual([]);
    chmodSync(DB_DATABASE, 0o640);
    chmodSync(`${DB_DATABASE}.key`, 0o604);
    writeWithMode('.env', `DB_DATABASE=${DB_DATABASE}\n`, 0o644);
    const outcome = await runNode([CLI, 'doctor'], {}, folder);
    for (const file of [DB_DATABASE, `${DB_DATABASE}.key`, '.env']) {
      expect(outcome.stdout).toContain(
        `${file} contains secrets and is accessible to other users. chmod 600 ${file}\n`,
      );
    }
    expect(modes()).toMatchObject({ [DATABASE]: '640', [`${DATABASE}.key`]: '604' });
  });

  it('are named by doctor where a variable names the file of a secret', async () => {
    for (const name of ['closed', 'group', 'others', 'key', 'ca']) writeWithMode(name, APP_KEY, 0o644);
    chmodSync(path('closed'), 0o600);
    chmodSync(path('group'), 0o640);
    const environment = {
      DB_DATABASE: path(DATABASE),
      APP_KEY_FILE: path('closed'),
      REDIS_URL_FILE: path('group'),
      MAIL_PASSWORD_FILE: path('others'),
      APNS_KEY_FILE: path('key'),
      REDIS_TLS_CA_FILE: path('ca'),
      APP_FLEXISIP_PUSHER_FIREBASE_KEY: path('others'),
    };
    expect(found(await diagnose(environment), 'files').toSorted()).toEqual(
      [
        `warning: ${path('key')} (APNS_KEY_FILE) contains a secret and is accessible to other users`,
        `warning: ${path('others')} (APP_FLEXISIP_PUSHER_FIREBASE_KEY) contains a secret and is accessible to other users`,
        `warning: ${path('others')} (MAIL_PASSWORD_FILE) contains a secret and is accessible to other users`,
        `warning: ${path('group')} (REDIS_URL_FILE) contains a secret and is accessible to other users`,
      ].toSorted(),
    );
    if (!isRoot) return;
    // Root gives it to the group of the service.
    chownSync(path('group'), 0, 12_345);
    expect(found(await diagnose({ REDIS_URL_FILE: path('group') }), 'files')).toEqual([]);
    chmodSync(path('group'), 0o644);
    expect((await diagnose({ REDIS_URL_FILE: path('group') })).stdout).toContain(`chmod o= ${path('group')}`);
  });

  it.each([
    ['/run/secrets/app_key', true],
    ['/var/run/secrets/app_key', true],
    ['/run/../run/secrets/app_key', true],
    ['/run/credentials/flexisip-api.service/app_key', true],
    ['/run/flexisip-api/app_key', true],
    ['/run/secrets/../app_key', false],
    ['/etc/run/secrets/app_key', false],
    ['/run/secrets.d/app_key', false],
  ])('at %s are mounted by containers or systemd: %p', (file, expected) => {
    expect(isMounted(file)).toBe(expected);
  });

  it('are so from their first moment in the containers', () => {
    // Stands in for chmod, to see the mode of what it is about to change.
    writeWithMode('chmod', `#!/bin/sh\nstat -c %a "$2" >> ${path('seen')}\nexec /bin/chmod "$@"\n`, 0o755);
    under(0, () => execFileSync(prepare, [folder], { env: { PATH: `${folder}:${process.env.PATH}` } }));
    expect(readFileSync(path('seen'), 'utf8')).toBe('600\n600\n');
  });
});

it('A file without secrets keeps the rights that its user gives to new files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-public-'));
  const output = join(folder, 'openapi.json');
  expect((await under(0o022, () => runNode([CLI, 'openapi', '--output', output], {}))).code).toBe(0);
  expect((statSync(output).mode & 0o777).toString(8)).toBe('644');
  rmSync(folder, { recursive: true });
});
