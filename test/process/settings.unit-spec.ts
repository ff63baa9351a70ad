import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings.js';
import { InvalidSettings } from '../../src/config/settings.js';
import { runNode, SERVICE } from '../support/cli.js';
import { selfSignedCertificate } from '../support/neighbours/certificate.js';

const APP_KEY = 'k'.repeat(32);
const mysql = {
  APP_KEY,
  DB_DRIVER: 'mysql',
  DB_DATABASE: 'flexisip',
  DB_USERNAME: 'flexisip',
  PUSH_DRIVER: 'log',
  MAIL_DRIVER: 'log',
  SMS_DRIVER: 'log',
  DEVICES_DRIVER: 'none',
};

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
      database: { driver: 'mysql', host: 'db.example.org', port: 3307, database: 'flexisip', username: 'flexisip', password: 'pa ss' },
      sipDomains: ['a.example', 'b.example'],
      realm: 'realm',
    });
  });

  it('say how the database is reached, and refuse what would have no effect', () => {
    const cert = selfSignedCertificate();
    const tls = { DB_TLS: 'true', DB_TLS_CA: cert.cert, DB_HOST: 'db.example.org' };
    expect(loadSettings({ ...mysql, ...tls, DB_TLS_CERT: cert.cert, DB_TLS_KEY: cert.key, DB_POOL_SIZE: '3' }).database).toMatchObject({
      tls: { ca: cert.cert, client: cert, verify: 'identity' },
      socket: null,
      poolSize: 3,
    });
    expect(loadSettings({ ...mysql, DB_SOCKET: '/run/mysqld/mysqld.sock' }).database).toMatchObject({
      socket: '/run/mysqld/mysqld.sock',
      tls: null,
      poolSize: 10,
    });
    expect(mistakesOf({ ...mysql, ...tls, DB_TLS_CERT: cert.cert })).toEqual(['DB_TLS_KEY: is required, since DB_TLS_CERT is given']);
    expect(mistakesOf({ ...mysql, DB_TLS_CA: cert.cert })).toEqual(['DB_TLS_CA: has no effect without DB_TLS=true']);
    expect(mistakesOf({ ...mysql, DB_TLS: 'true' })).toEqual([expect.stringMatching(/^DB_TLS_VERIFY: "true" needs a host name/)]);
    expect(mistakesOf({ ...mysql, DB_TLS: 'true', DB_TLS_VERIFY: 'ca' })).toEqual([]);
    expect(mistakesOf({ ...mysql, ...tls, DB_SOCKET: '/run/mysqld/mysqld.sock' })).toEqual([
      'DB_HOST: cannot be combined with DB_SOCKET',
      'DB_TLS: cannot be combined with DB_SOCKET, which does not leave the machine',
    ]);
    expect(mistakesOf({ ...mysql, DB_SOCKET: 'mysqld.sock' })).toEqual([expect.stringMatching(/^DB_SOCKET: must be the whole path/)]);
  });

  it('take the public URL apart, with or without a slash at its end', () => {
    for (const url of ['https://example.org/flexiapi', 'https://example.org/flexiapi/']) {
      expect(loadSettings({ APP_KEY, APP_URL: url })).toMatchObject({ publicUrl: 'https://example.org/flexiapi', publicPath: '/flexiapi' });
    }
    expect(loadSettings({ APP_KEY, HOST: '::', PORT: '80' }).publicUrl).toBe('http://[::1]:80');
    expect(loadSettings({ APP_KEY, HOST: 'fe80::1%eth0', PORT: '80' }).publicUrl).toBe('http://[fe80::1]:80');
  });

  it('take secrets from files, without the newline at their end', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, `${APP_KEY}\n`);
    expect(loadSettings({ APP_KEY_FILE: file }).appKey).toBe(APP_KEY);
    expect(mistakesOf({ APP_KEY_FILE: file, APP_KEY })).toEqual(['APP_KEY_FILE: cannot be combined with APP_KEY']);
    expect(mistakesOf({ APP_KEY_FILE: `${file}.not` })).toEqual(['APP_KEY_FILE: the file cannot be read']);
  });

  it('check the first administrator by the rules for usernames', () => {
    expect(loadSettings({ APP_KEY, FIRST_ADMIN: 'operator', FIRST_ADMIN_PASSWORD: 'secret words' }).firstAdmin).toEqual({
      username: 'operator',
      password: 'secret words',
    });
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
    expect(names).toEqual(['DB_DATABASE', 'DB_USERNAME', 'APP_KEY', 'PUSH_DRIVER', 'MAIL_DRIVER', 'SMS_DRIVER', 'DEVICES_DRIVER']);
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

  it('stop the service with every mistake at once, exit code 1, no stack trace and no value', async () => {
    const outcome = await runNode([SERVICE], { PORT: 'secret-1', DB_DRIVER: 'mysql', DB_MIGRATE: 'secret-2', APP_KEY: 'secret-3' }, folder);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    for (const name of ['PORT', 'DB_MIGRATE', 'APP_KEY', 'DB_DATABASE', 'MAIL_DRIVER']) expect(outcome.stderr).toContain(`- ${name}: `);
    expect(outcome.stderr).not.toMatch(/ {4}at |secret-\d/);
  });

  it('lead to a plain message where the folder of the database cannot be used', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const outcome = await runNode([SERVICE], { DB_DATABASE: join(file, 'database.sqlite') }, folder);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('- DB_DATABASE: its folder cannot be used') as string });
    expect(outcome.stderr).not.toContain('    at ');
  });

  it('lead to a plain message where the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const outcome = await runNode([SERVICE], { PORT: String(port) }, folder);
    server.close();
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/) as string });
    expect(outcome.stderr).not.toContain('    at ');
  });
});
