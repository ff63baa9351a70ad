import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import * as fc from 'fast-check';
import { type EnvFile, readEnvFile, type ValueRules } from '../../src/config/env-file.js';
import { inspectSettings } from '../../src/config/load-settings.js';
import { unknownNames } from '../../src/config/unknown-names.js';
import { settingsInParts } from '../../src/doctor/settings-in-parts.js';
import { CLI, runNode, SERVICE } from '../support/cli.js';
import { Service } from '../support/service.js';

jest.setTimeout(60_000);

const RULES: ValueRules = {
  isSecret: (name) => name.endsWith('PASSWORD'),
  mayHaveLines: (name) => name.startsWith('B'),
};

/** Whether this process may read everything. */
const isRoot = process.geteuid?.() === 0;

/** Calls a function as a user without rights on files of root. */
function asStranger<T>(call: () => T): T {
  if (isRoot) process.seteuid?.(65_534);
  try {
    return call();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe('The file .env', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-env-'));
    file = join(folder, '.env');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (text: string | Buffer): EnvFile => {
    writeFileSync(file, text);
    return readEnvFile(file, RULES);
  };
  const lines = (notes: EnvFile['mistakes']) => notes.map(({ name, message }) => `${name ?? '-'}: ${message}`);

  it.each<[string, string, Record<string, string>]>([
    ['lines, comments and blank lines', 'A=1\n\n# B=2\n  C = 3  \n', { A: '1', C: '3' }],
    ['the ends of lines of Windows, and a byte order mark', '\uFEFFA=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['export, and a colon', 'export A=1\nB: 2\n', { A: '1', B: '2' }],
    ['a comment behind a value', "A=1 # one\nB='2' # two\nC= # none\n", { A: '1', B: '2' }],
    [
      'values in quotes as they stand',
      `A='it is $ecret#1'\nB="it's #1"\nC=\`"'\``,
      { A: 'it is $ecret#1', B: "it's #1", C: `"'` },
    ],
    ['what single quotes protect', "A='${HOME} $(id) \\d'", { A: '${HOME} $(id) \\d' }],
    [
      'lines, where there may be several',
      `B1='1\n2'\nB2="1\\n2"\nB3="1\\r\\n2"`,
      { B1: '1\n2', B2: '1\n2', B3: '1\r\n2' },
    ],
    ['backslashes as they stand, but in double quotes', "A=a\\tb\nB='a\\nb\\$c'", { A: 'a\\tb', B: 'a\\nb\\$c' }],
    ['apostrophes, dollars, and blanks within', "A=it's $ecret x\n", { A: "it's $ecret x" }],
    ['nothing for nothing', 'A=\nB=""\n', {}],
  ])('takes %s', (_name, text, values) => {
    expect(read(text)).toMatchObject({ values, mistakes: [], warnings: [] });
    expect(parse(text)).toMatchObject(values);
  });

  it.each<[string, string, RegExp]>([
    ['a # that would cut a value', "DB_PASSWORD=it's $ecret#1", /^DB_PASSWORD: in line 1 .* put the value in quotes$/],
    ['a # at the beginning of a value', 'DB_PASSWORD=#1', /^DB_PASSWORD: in line 1 .* in quotes$/],
    ['a quote that is not closed', 'A="x\nB=1', /^A: in line 1 .* not closed$/],
    [
      'a quote that is closed by another setting',
      'APP_NAME="x\nDB_HOST=y\nB="z"',
      /^APP_NAME: in line 1 .*(closed|follows)/,
    ],
    ['settings within quotes', 'APP_NAME="x\nDB_HOST=y"', /^APP_NAME: in line 1 .* behind other settings/],
    ['text behind a quote', "A='it's'", /^A: in line 1 .* another kind, /],
    ['an escaped quote', 'A="x\\"y"', /^A: in line 1 .* another kind$/],
    ['two backslashes', 'B="x\\\\ny"', /^B: in line 1 .* single quotes$/],
    [
      'an end of a line in double quotes that is none',
      'DB_PASSWORD="p4ss\\next"',
      /^DB_PASSWORD: in line 1 .* single quotes$/,
    ],
    ['a backslash before a dollar', 'DB_PASSWORD="pa\\$secret"', /^DB_PASSWORD: in line 1 .* single quotes$/],
    ['a backslash before a letter', 'B="a\\tb"', /^B: in line 1 .* single quotes$/],
    [
      'several lines where there is one',
      "DB_PASSWORD='multi\nsecret'",
      /^DB_PASSWORD: in line 1 .* several lines, and must be one$/,
    ],
    [
      'a # next to the closing quote',
      "DB_PASSWORD='pass'#secret'",
      /^DB_PASSWORD: in line 1 .* another kind, and a blank before a comment$/,
    ],
    ['a double quote alone', 'A=x"y', /^A: in line 1 .* single quotes$/],
    ['typographic quotes', 'A=“x”', /^A: in line 1 .* typographic/],
    ['a variable in a value', 'A=${B}', /^A: in line 1 .* not filled in/],
    ['a command in a value', 'A="$(cat x)"', /^A: in line 1 .* not filled in/],
    ['a control character', 'A=x\u0007', /^A: in line 1 .* control character$/],
    ['two values', 'A=1\nB=2\nA=3', /^A: lines 1 and 3 of \.env give it two values/],
    ['an empty value after another one', 'A=1\nA=', /^A: lines 1 and 2 of \.env give it two values/],
    ['a line without =', 'A=1\nDB_PASSWORD secret', /^-: line 2 is not NAME=value$/],
    ['a name that is none', '1A=1', /^-: line 1 is not NAME=value$/],
  ])('refuses %s, without repeating it', (_name, text, message) => {
    const { mistakes } = read(text);
    expect(lines(mistakes)[0]).toMatch(message);
    expect(lines(mistakes).join()).not.toMatch(/ecret|secret/);
  });

  it.each<[string, string, RegExp]>([
    ['a comment behind a secret', 'DB_PASSWORD=abc #1', /^DB_PASSWORD: in line 1 .* comment/],
    ['a quote in the comment behind a secret', "DB_PASSWORD='abc' #1'", /^DB_PASSWORD: in line 1 .* another kind/],
    ['blanks behind a secret', 'DB_PASSWORD=abc  ', /^DB_PASSWORD: in line 1 .* blanks/],
    ['the same twice', 'A=1\nA=1', /^A: lines 1 and 2 of \.env give it twice$/],
  ])('warns of %s', (_name, text, message) => {
    const { mistakes, warnings } = read(text);
    expect(mistakes).toEqual([]);
    expect(lines(warnings)).toEqual([expect.stringMatching(message)]);
  });

  it('is understood as dotenv does, or refused, whatever stands in it', () => {
    const piece = fc.constantFrom(
      'A',
      'B',
      '=',
      '"',
      "'",
      '`',
      '#',
      ' ',
      '\n',
      '\r\n',
      '\\',
      '\\n',
      '$',
      '{',
      'x',
      'é',
      ':',
      'export ',
      '\t',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join('')),
        (text) => {
          const { values, mistakes } = read(text);
          if (mistakes.length > 0) return;
          const others = Object.entries(parse(text)).filter(([, value]) => value !== '');
          expect(values).toEqual(Object.fromEntries(others));
        },
      ),
      // dotenv takes the next line as the value of a name with a colon and nothing behind it.
      { numRuns: 1_000, examples: [['A:\r\nA='], ['A:\nB=1'], ['A: \nB=1'], ['A:']] },
    );
  });

  it('gives any password that is written in single quotes back as it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary-ascii', minLength: 1 }).filter((text) => !/[\p{Cc}']|\\$/u.test(text)),
        (password) => {
          expect(read(`DB_PASSWORD='${password}'\n`)).toMatchObject({
            values: { DB_PASSWORD: password },
            mistakes: [],
            warnings: [],
          });
        },
      ),
    );
  });

  describe('that cannot be read is said at start, by the commands and by doctor', () => {
    const text = 'DB_DRIVER=mysql\nDB_HOST=db.example.org\n';
    const cases: [string, (path: string) => void, RegExp][] = [
      [
        'in UTF-16',
        (path) => writeFileSync(path, Buffer.from(`\uFEFF${text}`, 'utf16le')),
        /\.env: is in UTF-16: save it as UTF-8/,
      ],
      [
        'in UTF-16 without a mark',
        (path) => writeFileSync(path, Buffer.from(text, 'utf16le')),
        /\.env: is in UTF-16: save it as UTF-8/,
      ],
      [
        'in big-endian UTF-16',
        (path) => writeFileSync(path, Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()),
        /\.env: is in UTF-16/,
      ],
      [
        'in Latin-1',
        (path) => writeFileSync(path, Buffer.from('DB_PASSWORD=pässword', 'latin1')),
        /\.env: is not in UTF-8/,
      ],
      ['no text', (path) => writeFileSync(path, Buffer.from('A=1\nB=x\0y')), /\.env: is not a text file/],
      ['a folder', (path) => mkdirSync(path), /\.env: is a folder, not a file/],
      ['a broken link', (path) => symlinkSync('/nowhere/.env', path), /\.env: is a link to a file that does not exist/],
    ];

    it.each(cases)('%s', (_name, make, message) => {
      make(file);
      const { mistakes, broken } = settingsInParts({ environment: {}, file: readEnvFile(file, RULES) });
      expect(mistakes).toEqual([expect.stringMatching(message)]);
      // Whatever it says, the database is not the embedded one because of that.
      expect([...broken]).toContain('database');
    });

    it.each([
      ['start', [SERVICE]],
      ['the commands', [CLI, 'migrate']],
      ['doctor', [CLI, 'doctor']],
    ])('%s', async (_name, words) => {
      for (const make of [cases[0]?.[1], cases[5]?.[1]]) {
        rmSync(file, { recursive: true, force: true });
        make?.(file);
        const { code, stdout, stderr } = await runNode(words, {}, folder);
        expect(code).toBe(1);
        expect(stdout + stderr).toMatch(/\.env: is (in UTF-16|a folder)/);
        expect(stdout + stderr).not.toMatch(/ {4}at |Listening/);
        expect(readdirSync(folder)).toEqual(['.env']);
      }
    });

    it('without the right to read it', () => {
      writeFileSync(file, text);
      chmodSync(file, 0);
      chmodSync(folder, 0o755);
      expect(asStranger(() => readEnvFile(file, RULES)).mistakes).toEqual([
        { name: null, message: expect.stringMatching(/^may not be read/) as string },
      ]);
    });

    it('as a warning where the working folder may not be searched', () => {
      chmodSync(folder, 0);
      expect(asStranger(() => readEnvFile(file, RULES))).toMatchObject({
        isReadable: false,
        mistakes: [],
        warnings: [{ name: null, message: 'is not read: this user may not search the working folder' }],
      });
      chmodSync(folder, 0o700);
    });
  });

  describe('with names that are no settings', () => {
    const inspect = (text: string) => inspectSettings({ environment: { APP_KEY: 'k'.repeat(32) }, file: read(text) });

    it.each<[string, RegExp]>([
      ['MAIL_DRIVERR=smtp', /^MAIL_DRIVERR: stands in \.env and is no setting of this service: use MAIL_DRIVER$/],
      ['mail_driver=smtp', /^mail_driver: .* use MAIL_DRIVER$/],
      ['PROT=80', /^PROT: .* use PORT$/],
      ['DB_USER=flexisip', /^DB_USER: .* use DB_USERNAME$/],
      ['DB_CONNECTION=mysql', /^DB_CONNECTION: .* use DB_DRIVER$/],
      ['LIMIT_REQUEST=1', /^LIMIT_REQUEST: .* use LIMIT_REQUESTS$/],
      ['DB_SSL_MODE=required', /^DB_SSL_MODE: .* use DB_TLS and DB_TLS_VERIFY$/],
      ['APP_HOME=/app', /^APP_HOME: .* has no effect/],
      ['MAIL_PASSWORD_FIEL=/run/secret', /^MAIL_PASSWORD_FIEL: .* use MAIL_PASSWORD_FILE$/],
      ['MAIL_PASSWORD_FILE_FILE=/run/secret', /^MAIL_PASSWORD_FILE_FILE: .* has no effect/],
      ['PORT_FILE=/run/port', /^PORT_FILE: is no setting of this service: give the value itself as PORT$/],
    ])('%s keeps the service from starting', (line, message) => {
      expect(inspect(line).mistakes).toEqual([expect.stringMatching(message)]);
    });

    it('of other programs is told, and does not keep it from starting', () => {
      expect(inspect('NODE_OPTIONS=--inspect\nCOMPOSE_PROFILES=redis\nAPI_LISTEN=127.0.0.1:3001\n')).toMatchObject({
        mistakes: [],
        warnings: [
          expect.stringMatching(/^NODE_OPTIONS: stands in \.env and is no setting of this service, and has no effect/),
        ],
      });
    });

    it('knows every setting of .env.example', () => {
      const example = readFileSync(join(__dirname, '../../.env.example'), 'utf8').replace(/^#(?=[A-Z_]+=)/gm, '');
      const { mistakes, warnings } = read(example);
      expect({ mistakes, warnings }).toEqual({ mistakes: [], warnings: [] });
      // How a value is written: an example, blanks, and what it shows.
      const shown = [...example.matchAll(/^#   ([A-Z_]+=.*?) {3,}/gm)].map(([, line = '']) => read(line));
      expect(shown.map(({ values }) => Object.values(values)[0])).toEqual([
        '3000',
        'it is $ecret#1',
        "it's #1",
        '/run/secrets/db',
        'redis://:p%40ss@host/0',
      ]);
      expect(unknownNames([...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name))).toEqual([]);
    });
  });

  it('says where it and the environment differ, and leaves what is empty there to it', async () => {
    writeFileSync(file, 'APP_NAME=One\nLOG_LEVEL=warn\n');
    const environment = { DB_DATABASE: 'db.sqlite', APP_KEY: 'k'.repeat(32), APP_NAME: 'Other', LOG_LEVEL: '' };
    const message = 'APP_NAME: has another value in the environment than in .env; that of the environment is used';
    const doctor = await runNode([CLI, 'doctor'], environment, folder);
    expect(doctor.stdout.split('\n')[1]).toBe(`warning  settings    ${message}`);
    expect((await runNode([CLI, 'migrate'], environment, folder)).stderr).toContain(`Settings: ${message}\n`);
    const service = await Service.start({ ...environment, PORT: '0', LOG_LEVEL: 'info' }, folder);
    await service.stop();
    expect(service.stdout).toContain(`"msg":"Settings: ${message}"`);
  });
});
