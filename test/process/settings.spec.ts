import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Redis } from 'ioredis';
import { loadSettings } from '../../src/config/load-settings.js';
import { InvalidSettings } from '../../src/config/settings.js';
import { MYSQL_SETTINGS as mysql } from '../support/settings.js';

const { APP_KEY } = mysql;

function mistakesOf(environment: Record<string, string>): string[] {
  try {
    loadSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof InvalidSettings) return [...error.mistakes];
    throw error;
  }
}

describe('The settings', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('have the defaults of the contract', () => {
    expect(loadSettings({ APP_KEY })).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://127.0.0.1:3000',
      publicPath: '',
      appName: 'Flexisip API',
      sipDomains: ['sip.example.org'],
      realm: null,
      database: { driver: 'sqlite', file: 'var/flexisip-api.sqlite' },
      migrateAtStart: true,
      nonceLifetime: 300,
      limits: { requests: 600, failedActivations: 10 },
      sharedRedis: null,
      trustedProxies: [],
      logLevel: 'info',
    });
  });

  it('are read under the names of the 2021 server', () => {
    const environment = {
      ...mysql,
      DB_HOST: 'db.example.org',
      DB_PORT: '3307',
      DB_PASSWORD: 'pa ss',
      APP_SIP_DOMAIN: 'a.example, b.example',
      ACCOUNT_REALM: 'realm',
    };
    expect(loadSettings(environment)).toMatchObject({
      database: {
        driver: 'mysql',
        host: 'db.example.org',
        port: 3307,
        database: 'flexisip',
        username: 'flexisip',
        password: 'pa ss',
      },
      sipDomains: ['a.example', 'b.example'],
      realm: 'realm',
    });
  });

  it('take the public URL apart, with or without a slash at its end', () => {
    for (const url of ['https://example.org/flexiapi', 'https://example.org/flexiapi/']) {
      expect(loadSettings({ APP_KEY, APP_URL: url })).toMatchObject({
        publicUrl: 'https://example.org/flexiapi',
        publicPath: '/flexiapi',
      });
    }
    expect(loadSettings({ APP_KEY, HOST: '::', PORT: '80' }).publicUrl).toBe('http://[::1]:80');
    expect(loadSettings({ APP_KEY, HOST: 'fe80::1%eth0', PORT: '80' }).publicUrl).toBe('http://[fe80::1]:80');
  });

  it('take secrets from files, without the newline at their end', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, `${APP_KEY}\n`);
    expect(loadSettings({ APP_KEY_FILE: file }).appKey).toBe(APP_KEY);
    expect(mistakesOf({ APP_KEY_FILE: file, APP_KEY })).toEqual(['APP_KEY_FILE: cannot be combined with APP_KEY']);
    expect(mistakesOf({ APP_KEY_FILE: `${file}.not` })).toEqual(['APP_KEY_FILE: the file does not exist']);
  });

  it.each<[string, (path: string) => void, string]>([
    ['a folder', (path) => mkdirSync(path), 'is a folder, not a file'],
    ['empty', (path) => writeFileSync(path, '\r\n'), 'is empty'],
    [
      'in UTF-16',
      (path) => writeFileSync(path, Buffer.from(`\uFEFF${APP_KEY}\r\n`, 'utf16le')),
      'is in UTF-16: save it as UTF-8',
    ],
    [
      'in Latin-1',
      (path) => writeFileSync(path, Buffer.from('pässword', 'latin1')),
      'is not in UTF-8: save it as UTF-8',
    ],
    ['of several lines', (path) => writeFileSync(path, 'one\ntwo\n'), 'has several lines: the value must be one'],
  ])('refuse a file that is %s', (name, make, reason) => {
    const file = join(folder, `secret-${name}`);
    make(file);
    expect(mistakesOf({ ...mysql, DB_PASSWORD_FILE: file })).toEqual([`DB_PASSWORD_FILE: the file ${reason}`]);
  });

  it('take a secret from a file with a byte order mark, and the ends of lines of Windows', () => {
    const file = join(folder, 'secret-of-windows');
    writeFileSync(file, '\uFEFFsecret\r\n');
    expect(loadSettings({ ...mysql, DB_PASSWORD_FILE: file }).database).toMatchObject({ password: 'secret' });
  });

  it.each<[string, Record<string, string>]>([
    ['DB_DRIVER', { DB_HOST: 'db.example.org' }],
    ['DB_DRIVER', { DB_PASSWORD: 'secret' }],
    ['MAIL_DRIVER', { MAIL_HOST: 'mail.example.org' }],
    ['SMS_DRIVER', { SMS_HTTP_URL: 'https://sms.example.org/{phone}/{message}' }],
    ['DEVICES_DRIVER', { FLEXISIP_REDIS_URL: 'redis://127.0.0.1' }],
  ])('demand that %s be chosen where %j is given', (driver, given) => {
    const chosen = { DB_DRIVER: 'sqlite', MAIL_DRIVER: 'log', SMS_DRIVER: 'log', DEVICES_DRIVER: 'none' };
    expect(mistakesOf({ APP_KEY, ...given })).toEqual([
      expect.stringMatching(new RegExp(`^${driver}: must be chosen, since `)),
    ]);
    expect(mistakesOf({ APP_KEY, ...chosen, ...given })).toEqual([]);
  });

  it.each([
    ['/run/mysqld/mysqld.sock', 'the path of a socket belongs into DB_SOCKET'],
    ['mysql://db.example.org', 'without "://": the port belongs into DB_PORT'],
    ['localhost:3306', 'the port belongs into DB_PORT'],
    ['[::1]', 'an IPv6 address without brackets'],
    ['3306', 'must be a host name or an IP address'],
    ['db one', 'must be a host name or an IP address'],
    ['db.example.org,db2.example.org', 'must be a host name or an IP address'],
    ['-h', 'must be a host name or an IP address'],
  ])('refuse the host %s, with the remedy', (host, remedy) => {
    expect(mistakesOf({ ...mysql, DB_HOST: host })).toEqual([expect.stringMatching(/^DB_HOST: must be /)]);
    expect(mistakesOf({ ...mysql, DB_HOST: host })[0]).toContain(remedy);
    for (const name of ['HOST', 'METRICS_HOST', 'MAIL_HOST']) {
      expect(mistakesOf({ ...mysql, [name]: host })).toEqual([
        expect.stringMatching(new RegExp(`^${name}: must be a host name`)),
      ]);
    }
  });

  it.each(['db', 'db_1', 'db.example.org.', '10.0.0.1', '::1', 'fe80::1%eth0', 'DB-1'])('take the host %s', (host) => {
    expect(loadSettings({ ...mysql, DB_HOST: host }).database).toMatchObject({ host });
  });

  it.each([
    ['sqlite', ':memory:'],
    ['sqlite', 'sqlite:///var/db'],
    ['sqlite', 'sqlite:var/db'],
    ['sqlite', 'var/'],
    ['sqlite', tmpdir()],
    ['mysql', 'var/flexisip-api.sqlite'],
    ['mysql', 'mysql://flexisip'],
  ])('refuse on %s the database %s', (driver, database) => {
    expect(mistakesOf({ ...mysql, DB_DRIVER: driver, DB_DATABASE: database })).toEqual([
      expect.stringMatching(/^DB_DATABASE: must be /),
    ]);
  });

  it('understand the URL of a Redis as its password is meant, or refuse it', () => {
    const character = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(
        fc.array(character, { minLength: 1, maxLength: 12 }).map((all) => all.join('')),
        (password) => {
          // What is written percent-encoded already is meant so.
          fc.pre(!/%[0-9a-f]{2}/i.test(password));
          const urlWith = (text: string) => `redis://user:${text}@redis.example.org:6380/3`;
          const url = urlWith(password);
          const mistakes = mistakesOf({ APP_KEY, REDIS_URL: url });
          const advised = mistakes.length > 0 ? urlWith(encodeURIComponent(password)) : url;
          expect(mistakes.length).toBeLessThanOrEqual(1);
          for (const mistake of mistakes) expect(mistake).toMatch(/^REDIS_URL: .*percent-encoded: \/ as %2F/);
          expect(mistakesOf({ APP_KEY, REDIS_URL: advised })).toEqual([]);
          const { options } = new Redis(advised, { lazyConnect: true });
          expect(options).toMatchObject({ username: 'user', host: 'redis.example.org', port: 6380, db: 3 });
          expect(options.password).toBe(password);
        },
      ),
      {
        numRuns: 500,
        examples: [['/'], ['p@ss/w0rd'], ['12?x'], ['12#x'], ['p@ss'], ['a:b'], ['50%'], ['a b'], ['\\']],
      },
    );
  });

  it.each([
    'redis://secret@host',
    'redis://host/db',
    'redis://host/0?db=1',
    'redis://host/0#1',
    'redis://:x@host/0/1',
    'redis://host:80a',
  ])('refuse %s as the URL of a Redis', (url) => {
    for (const name of ['REDIS_URL', 'FLEXISIP_REDIS_URL']) {
      expect(mistakesOf({ APP_KEY, DEVICES_DRIVER: 'none', [name]: url })).toEqual([
        expect.stringMatching(new RegExp(`^${name}: `)),
      ]);
    }
  });

  it.each([
    'https:example.org',
    'https:///example.org',
    'https://example.org/a b',
    'https://example.org/a/../b',
    'https://example.org\\a',
    ' https://example.org',
    'https://example.org/é',
  ])('refuse %s as a URL that others are built on', (url) => {
    for (const name of ['APP_URL', 'APNS_URL', 'APNS_DEV_URL', 'FCM_URL', 'OVH_APP_ENDPOINT', 'TWILIO_URL']) {
      expect(mistakesOf({ APP_KEY, [name]: url })).toEqual([expect.stringMatching(new RegExp(`^${name}: must `))]);
    }
  });

  it.each([
    ['NONCE_LIFETIME', '5m'],
    ['TOKEN_LIFETIME', '24 h'],
    ['DB_TIMEOUT', '8s'],
    ['MAX_CONNECTIONS', '10,000'],
    ['MAIL_TLS_VERIFY', 'True'],
    ['DB_MIGRATE', '1'],
    ['RATE_LIMITS', 'true'],
  ])('refuse %s=%s, and say what is accepted', (name, value) => {
    expect(mistakesOf({ APP_KEY, [name]: value })).toEqual([
      expect.stringMatching(
        new RegExp(`^${name}: must be (a whole number from \\d+ to \\d+, without a unit|"\\w+" or "\\w+")$`),
      ),
    ]);
  });

  it('check the first administrator by the rules for usernames', () => {
    expect(loadSettings({ APP_KEY, FIRST_ADMIN: 'operator', FIRST_ADMIN_PASSWORD: 'secret words' }).firstAdmin).toEqual(
      {
        username: 'operator',
        password: 'secret words',
      },
    );
    const mistakes = ['Operator', 'op', 'o'.repeat(65)].flatMap((name) => mistakesOf({ APP_KEY, FIRST_ADMIN: name }));
    expect(mistakes).toEqual(Array(3).fill(expect.stringMatching(/^FIRST_ADMIN: must be a username/)));
    expect(mistakesOf({ APP_KEY, FIRST_ADMIN: 'op', USERNAME_MIN_LENGTH: '2' })).toEqual([]);
    expect(mistakesOf({ APP_KEY, FIRST_ADMIN_PASSWORD: 'secret words' })).toEqual([
      'FIRST_ADMIN: is required, since FIRST_ADMIN_PASSWORD is given',
    ]);
    expect(mistakesOf({ APP_KEY, FIRST_ADMIN: 'operator', FIRST_ADMIN_PASSWORD: 'short' })).toEqual([
      'FIRST_ADMIN_PASSWORD: must have 6 to 256 characters',
    ]);
  });

  it('take an empty variable for one that is not set', () => {
    expect(loadSettings({ APP_KEY, PORT: '', ACCOUNT_REALM: '' })).toMatchObject({ port: 3000, realm: null });
  });

  it('demand the adapters to be chosen on MySQL, even if it is to print only', () => {
    expect(mistakesOf(mysql)).toEqual([]);
    const names = mistakesOf({ DB_DRIVER: 'mysql' }).map((mistake) => mistake.split(':')[0]);
    expect(names).toEqual([
      'DB_DATABASE',
      'DB_USERNAME',
      'APP_KEY',
      'PUSH_DRIVER',
      'MAIL_DRIVER',
      'SMS_DRIVER',
      'CAPTCHA_DRIVER',
      'DEVICES_DRIVER',
    ]);
  });

  it.each([
    ['HOST', 'not a host'],
    ['PORT', '65536'],
    ['PORT', '80a'],
    ['APP_URL', 'example.org'],
    ['APP_URL', 'ftp://example.org'],
    ['APP_KEY', 'too short'],
    ['APP_SIP_DOMAIN', 'Example.org'],
    ['APP_SIP_DOMAIN', ','],
    ['ACCOUNT_REALM', 'a"b'],
    ['ACCOUNT_REALM', 'null'],
    ['DB_DRIVER', 'postgres'],
    ['DB_MIGRATE', 'yes'],
    ['PUSH_DRIVER', 'pigeon'],
    ['USERNAME_PATTERN', '('],
    ['NONCE_STORE', 'nowhere'],
    ['NONCE_LIFETIME', '0'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', 'proxy.example.org'],
    ['RATE_LIMITS', 'maybe'],
    ['LOG_LEVEL', 'loud'],
  ])('refuse %s=%s, by name', (name, value) => {
    expect(mistakesOf({ APP_KEY, [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: `)) as string]);
  });
});
