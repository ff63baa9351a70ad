import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, runCliOnFullDisk, runNode, CLI } from '../support/cli.js';
import { APP_KEY } from '../support/settings.js';

jest.setTimeout(180_000);

describe('The commands', () => {
  const root = join(__dirname, '../..');
  let names: string[];

  beforeAll(async () => {
    const { stdout } = await runCli({}, '--help');
    names = [...stdout.matchAll(/^ {2}([a-z:-]+) \[options\]/gm)].map(([, name = '']) => name);
  });

  it('all have --help and --json, without settings or a database', async () => {
    expect(names.length).toBeGreaterThan(9);
    for (const name of names) {
      const outcome = await runCli({ DB_DRIVER: 'nonsense' }, name, '--help');
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(outcome.stdout).toMatch(new RegExp(`^Usage: flexisip-api ${name} `));
      expect(outcome.stdout).toContain('--json');
    }
  });

  it('are all told in docs/commands.md, and nothing else is', () => {
    const told = [...readFileSync(join(root, 'docs/commands.md'), 'utf8').matchAll(/^\| `([a-z:-]+)/gm)].map(
      ([, name]) => name,
    );
    expect(told.toSorted()).toEqual(names.toSorted());
  });

  it('can be called by the name of the package, from any folder', async () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    expect(join(root, bin['flexisip-api'] ?? '')).toBe(CLI);
    expect(readFileSync(CLI, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('say what is wrong in a sentence, without a stack trace, exit code 1', async () => {
    const drivers = {
      PUSH_DRIVER: 'log',
      MAIL_DRIVER: 'log',
      SMS_DRIVER: 'log',
      CAPTCHA_DRIVER: 'none',
      DEVICES_DRIVER: 'none',
    };
    const unreachable = {
      DB_DRIVER: 'mysql',
      DB_PORT: '1',
      DB_DATABASE: 'x',
      DB_USERNAME: 'x',
      APP_KEY,
      ...drivers,
    };
    for (const words of [['accounts:show', 'a@b'], ['migrate'], ['accounts:clear-unconfirmed', '7']]) {
      const outcome = await runCli(unreachable, ...words);
      expect(outcome).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^The database is not available: connect ECONNREFUSED 127\.0\.0\.1:1\. See DB_HOST .*\n$/,
        ) as string,
      });
      expect(await runCli({ DB_DRIVER: 'nonsense' }, ...words)).toEqual({
        code: 1,
        stdout: '',
        stderr: 'The settings are not valid:\n  - DB_DRIVER: must be "sqlite" or "mysql"\n',
      });
    }
    expect(await runCli({}, 'accounts:show')).toEqual({
      code: 1,
      stdout: '',
      stderr: "missing required argument 'account'.\n",
    });
    expect(await runCli({}, 'accounts:shwo', 'a@b')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("unknown command 'accounts:shwo'"),
    });
    expect(await runCli({}, 'accounts:create-admin', 'operator5', 'extra', 'word')).toMatchObject({
      code: 1,
      stderr: "too many arguments for 'accounts:create-admin'. Expected 1 argument but got 3.\n",
    });
    expect(await runCli({}, 'migrate', '--force')).toMatchObject({ code: 1, stderr: "unknown option '--force'.\n" });
  });

  it('tell the version, and what an unknown command may have meant', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await runCli({}, '--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    for (const [typed, hint] of [
      ['accounts:shwo', '(Did you mean accounts:show?)'],
      ['create-admin', '(Did you mean accounts:create-admin?)'],
      ['nonsense', 'See flexisip-api --help.'],
    ] as const) {
      expect(await runCli({}, typed)).toEqual({ code: 1, stdout: '', stderr: `unknown command '${typed}'. ${hint}\n` });
    }
  });

  it('say every error once, and as JSON to programs', async () => {
    const settings = {
      DB_DATABASE: join(mkdtempSync(join(tmpdir(), 'flexisip-api-cli-')), 'db.sqlite'),
      APP_KEY,
    };
    const name = await runCli(settings, 'accounts:create-admin', 'X');
    expect(name).toEqual({ code: 1, stdout: '', stderr: 'username must have 6 to 64 characters\n' });
    const cases: [Record<string, string>, string[], string, object?][] = [
      [
        settings,
        ['accounts:create-admin', 'X'],
        'username must have 6 to 64 characters',
        { username: [expect.stringContaining('6 to 64')] },
      ],
      [settings, ['accounts:show', '999999'], 'There is no account 999999.'],
      [{}, ['accounts:show'], "missing required argument 'account'."],
      [{}, ['accounts:shwo'], "unknown command 'accounts:shwo'. (Did you mean accounts:show?)"],
      [
        { DB_DRIVER: 'nonsense' },
        ['migrate'],
        'The settings are not valid:\n  - DB_DRIVER: must be "sqlite" or "mysql"',
      ],
    ];
    for (const [environment, words, message, errors] of cases) {
      const { code, stdout, stderr } = await runCli(environment, ...words, '--json');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(JSON.parse(stderr)).toEqual({ error: errors ? { message, errors } : { message } });
    }
  });

  it('migrate:status speaks in words', async () => {
    const settings = {
      DB_DATABASE: join(mkdtempSync(join(tmpdir(), 'flexisip-api-cli-')), 'db.sqlite'),
      APP_KEY,
    };
    const pending = await runCli(settings, 'migrate:status');
    expect(pending).toMatchObject({ code: 2, stderr: '' });
    expect(pending.stdout).toMatch(
      /^The schema is behind: \d+ migrations are pending\.\n {2}Create flexisip tables \(CreateFlexisipTables\d+\)\n/,
    );
    expect((await runCli(settings, 'migrate')).stdout).toMatch(/^ran Create flexisip tables \(/);
    expect(await runCli(settings, 'migrate:status')).toEqual({
      code: 0,
      stdout: 'The schema is up to date: no migration is pending.\n',
      stderr: '',
    });
  });

  it.each([['openapi'], ['doctor'], ['doctor', '--json']])(
    'fail where the outcome finds no room: %s %s',
    async (...words) => {
      const outcome = await runCliOnFullDisk({ DB_DATABASE: join(tmpdir(), 'flexisip-api-none.sqlite') }, ...words);
      expect(outcome).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^(\{"error":\{"message":")?Standard output cannot be written, so the output of the command is lost: .*ENOSPC.*\n$/,
        ) as string,
      });
    },
  );

  it('openapi says where it wrote the document, or why not', async () => {
    expect(await runCli({}, 'openapi', '--output', '/nowhere/openapi.json')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The document cannot be written: ENOENT.*\n$/) as string,
    });
    const printed = await runNode([CLI, 'openapi', '--json'], {}, '/');
    expect(printed.code).toBe(0);
    expect(JSON.parse(printed.stdout)).toMatchObject({ openapi: expect.stringMatching(/^3\./) as string });
  });
});
