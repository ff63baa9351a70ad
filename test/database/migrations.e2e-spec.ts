import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DataSource } from 'typeorm';
import { loadSettings } from '../../src/config/load-settings.js';
import { connectionOptions } from '../../src/database/connection-options.js';
import { migrate, pendingMigrations } from '../../src/database/migrate.js';
import { underMigrationLock } from '../../src/database/migration-lock.js';
import { migrations } from '../../src/database/migrations/index.js';
import { Api } from '../support/api.js';
import { CLI, runCli } from '../support/cli.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, isOnServer, type TestDatabase } from '../support/test-database.js';

const NAMES = migrations.map(({ name }) => name);

describe('An empty database', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(() => database.remove());

  const withDataSource = async <T>(work: (dataSource: DataSource) => Promise<T>): Promise<T> => {
    const settings = loadSettings({ APP_KEY, ...database.environment });
    const dataSource = await new DataSource(connectionOptions(settings)).initialize();
    try {
      return await work(dataSource);
    } finally {
      await dataSource.destroy();
    }
  };

  it('is migrated at the first start, and not again at the second', async () => {
    const first = await Api.start({ database });
    expect(await first.sql('SELECT name FROM flexisip_api_migrations ORDER BY id')).toEqual(
      NAMES.map((name) => ({ name })),
    );
    const alice = await first.given.account();
    await first.stop();
    const second = await Api.start({ database });
    expect(await second.count('flexisip_api_migrations')).toBe(NAMES.length);
    expect((await second.withKey(alice).get('/api/accounts/me')).status).toBe(200);
    await second.stop();
  });

  it('is migrated once by processes that start at the same time', async () => {
    const environment = { APP_KEY, ...database.environment };
    const outcomes = await Promise.all([1, 2, 3].map(() => runCli(environment, 'migrate', '--json')));
    // The processes may have to wait for each other, and say so, several times on a busy machine.
    const progress = /^(\{"progress":\{"message":"Another process writes to the database.*\}\}\n)*$/;
    const stderr = expect.stringMatching(progress) as string;
    expect(outcomes).toEqual([1, 2, 3].map(() => ({ code: 0, stderr, stdout: expect.any(String) as string })));
    const ran = outcomes.map(({ stdout }) => (JSON.parse(stdout) as { ran: string[] }).ran);
    expect(ran.toSorted((one, other) => other.length - one.length)).toEqual([NAMES, [], []]);
  });

  it('is waited for by `migrate` while another process migrates it, which says so', async () => {
    const env = { PATH: process.env.PATH, APP_KEY, ...database.environment };
    await withDataSource(async (dataSource) => {
      const other = dataSource.createQueryRunner();
      let ended: Promise<unknown[]> | undefined;
      await underMigrationLock(
        other,
        () => undefined,
        async () => {
          const child = spawn(process.execPath, [CLI, 'migrate'], { env, cwd: '/' });
          ended = once(child, 'exit');
          const [said] = (await once(child.stderr, 'data')) as [Buffer];
          const holder = isOnServer ? ` \\(process ${process.pid} on \\S+, since [-0-9]{10} [:0-9]{8} UTC\\)` : '';
          expect(said.toString()).toMatch(
            new RegExp(
              `^Another process writes to the database or migrates it${holder}; waiting for it, up to 600 s\\.\n$`,
            ),
          );
          expect((await runCli({ APP_KEY, ...database.environment }, 'migrate:status')).code).toBe(2);
        },
      );
      expect(await ended).toEqual([0, null]);
      expect(await pendingMigrations(dataSource)).toEqual([]);
      await other.release();
    });
  });

  it('can be taken back addition by addition, and brought up again', async () => {
    await withDataSource(async (dataSource) => {
      expect(await migrate(dataSource)).toEqual(NAMES);
      for (const name of NAMES.toReversed()) {
        await dataSource.undoLastMigration({ transaction: 'none' });
        expect((await pendingMigrations(dataSource))[0]).toBe(name);
      }
      const columns = (await dataSource.createQueryRunner().getTable('accounts'))?.columns.map(({ name }) => name);
      expect(columns).not.toContain('phone');
      expect(await migrate(dataSource)).toEqual(NAMES);
    });
  });

  it('is taken back by one command, which does nothing unasked', async () => {
    const environment = { APP_KEY, ...database.environment };
    await runCli(environment, 'migrate');
    const reverted = NAMES.toReversed();
    for (const [words, applied] of [
      [[], false],
      [['--apply'], true],
    ] as const) {
      const { code, stdout, stderr } = await runCli(environment, 'migrate:revert', ...words, '--json');
      expect({ code, stderr, ...(JSON.parse(stdout) as object) }).toEqual({ code: 0, stderr: '', reverted, applied });
    }
    expect((await runCli(environment, 'migrate:revert')).stdout).toBe('Nothing to do: no migration has run.\n');
    expect(JSON.parse((await runCli(environment, 'migrate:status', '--json')).stdout)).toEqual({ pending: NAMES });
  });

  it('is refused, not migrated, with DB_MIGRATE=false', async () => {
    await expect(Api.start({ database, environment: { DB_MIGRATE: 'false' } })).rejects.toThrow(
      'The database schema is behind',
    );
    await withDataSource(async (dataSource) => {
      expect(await pendingMigrations(dataSource)).toEqual(NAMES);
      expect(await dataSource.createQueryRunner().hasTable('accounts')).toBe(false);
    });
    const environment = { APP_KEY, ...database.environment };
    expect((await runCli(environment, 'migrate:status')).code).toBe(2);
    expect((await runCli(environment, 'migrate')).code).toBe(0);
    expect(await runCli(environment, 'migrate:status')).toMatchObject({
      code: 0,
      stdout: 'The schema is up to date: no migration is pending.\n',
    });
    const api = await Api.start({ database, environment: { DB_MIGRATE: 'false' } });
    await api.stop();
  });
});
