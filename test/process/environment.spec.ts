import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { inspectSettings, loadSettings } from '../../src/config/load-settings.js';
import { environmentAlone, processSources } from '../../src/config/sources.js';
import { fileNames, namesInSeveralLines, variables } from '../../src/config/variables.js';
import { MYSQL_SETTINGS as mysql } from '../support/settings.js';

const inspect = (environment: Record<string, string>) =>
  inspectSettings(environmentAlone({ ...mysql, ...environment }));

describe('Values in the environment', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-environment-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are told by name where they are hardly meant so', () => {
    const file = join(folder, 'secret-in-quotes');
    writeFileSync(file, '"secret"\n');
    const { warnings } = loadSettings({
      ...mysql,
      DB_PASSWORD_FILE: file,
      APP_NAME: "'My service'",
      MAIL_SIGNATURE: 'Us # in short',
      MAIL_DRIVERR: 'smtp',
      db_host: 'x',
      HOSTNAME: 'x',
      REDIS_PORT_6379_TCP: 'tcp://10.0.0.1:6379',
      LOGNAME: 'root',
      npm_config_prefix: '/',
    });
    expect(warnings.map((warning) => warning.split(':')[0])).toEqual([
      'MAIL_DRIVERR',
      'db_host',
      'APP_NAME',
      'MAIL_SIGNATURE',
      'DB_PASSWORD_FILE',
    ]);
  });

  it.each([
    ['DB_PASSWORD', 'secret\n'],
    ['DB_PASSWORD', ' secret'],
    ['DB_DATABASE', 'flexisip\r'],
    ['FIRST_ADMIN_PASSWORD_FILE', '/run/secrets/admin\r'],
  ])('are told by name where a blank or the end of a line stands around them: %s=%j', (name, value) => {
    expect(inspect({ [name]: value }).warnings).toEqual([
      `${name}: begins or ends with a blank or a line break in the environment: remove it`,
    ]);
  });

  it('in .env have several lines by the same rule', () => {
    writeFileSync(join(folder, '.env'), 'APNS_KEY="a\\nb"\nDB_PASSWORD="a\\nb"\n');
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { mistakes } = inspectSettings(processSources());
      expect(mistakes).toContainEqual(expect.stringMatching(/^DB_PASSWORD: in line 2 .* single quotes$/));
      expect(mistakes).toContainEqual(expect.stringMatching(/^APNS_KEY: must be the private key/));
    } finally {
      process.chdir(before);
    }
  });

  it('have one line, but for those that may have several', () => {
    expect(inspect({ DB_PASSWORD: 'one\nsecret' }).mistakes).toEqual([
      'DB_PASSWORD: has several lines, and must be one',
    ]);
    expect(inspect({ APP_KEY: `${'k'.repeat(64)}\n${'k'.repeat(22)}` }).mistakes).toEqual([
      'APP_KEY: has several lines, and must be one',
    ]);
    const lines = {
      REDIS_URL: 'rediss://redis.example.org',
      REDIS_TLS_CA: `${rootCertificates[0]}\n`,
      MAIL_SIGNATURE: 'One\nTwo',
    };
    expect(inspect(lines)).toMatchObject({ mistakes: [], warnings: [] });
    expect(namesInSeveralLines.filter((name) => !/_(CA|CERT)$/.test(name))).toEqual([
      'DB_TLS_KEY',
      'APNS_KEY',
      'FCM_SERVICE_ACCOUNT',
      'MAIL_SIGNATURE',
      'SMS_HTTP_HEADERS',
      'SMS_HTTP_BODY',
    ]);
  });

  it.each(Object.keys(variables))('are not the word null, which the server of 2021 reads as nothing: %s', (name) => {
    for (const word of ['null', 'NULL', '(null)', '(empty)']) {
      const { mistakes } = inspect({ [name]: word });
      expect(mistakes).toContainEqual(expect.stringMatching(new RegExp(`^${name}: (must|has|holds) `)));
      expect(mistakes.filter((mistake) => mistake.startsWith(`${name}:`))).toHaveLength(1);
    }
  });

  it.each([
    'DB_DATABASE',
    'DB_SOCKET',
    'APP_FLEXISIP_PUSHER_PATH',
    'APP_FLEXISIP_PUSHER_PREFIX',
    'APP_FLEXISIP_PUSHER_FIREBASE_KEY',
    'APP_FLEXISIP_PROXY_PID',
    'APP_FLEXISIP_SOCKET_DIR',
    'MESSAGE_TEMPLATES',
    ...fileNames.map((name) => `${name}_FILE`),
  ])('are paths without what a shell would fill in: %s', (name) => {
    const others: Record<string, string> = name === 'DB_DATABASE' ? { DB_DRIVER: 'sqlite' } : {};
    for (const path of ['~/data', '~', '$HOME/data', '/home/$USER/data', '${HOME}/data']) {
      const { mistakes } = inspect({ ...others, [name]: path });
      expect(mistakes).toContain(`${name}: must be written in full: ~ and $NAME are not filled in`);
      expect(mistakes.filter((mistake) => mistake.startsWith(`${name}:`))).toHaveLength(1);
    }
  });

  it('are not the word null: names and passwords of the mail server are left out', () => {
    expect(inspect({ MAIL_USERNAME: 'null', MAIL_PASSWORD: 'null', MAIL_FROM_NAME: 'null' }).mistakes).toEqual([
      'MAIL_USERNAME: must not be the word null: leave it out',
      'MAIL_PASSWORD: must not be the word null: leave it out',
      'MAIL_FROM_NAME: must not be the word null: leave it out',
    ]);
  });

  it.each([
    ['DB_SSL', 'DB_TLS'],
    ['DB_SSLMODE', 'DB_TLS and DB_TLS_VERIFY'],
    ['MAIL_SECURE', 'MAIL_ENCRYPTION'],
    ['MAIL_EHLO_DOMAIN', 'MAIL_EHLO_NAME'],
    ['TRUSTED_PROXIES', 'TRUST_PROXY'],
    ['TRUST_PROXIES', 'TRUST_PROXY'],
    ['REDIS_PORT', 'REDIS_URL'],
    ['SMTP_USER', 'MAIL_USERNAME'],
    ['DRAIN_TIMEOUT', 'DRAIN_DELAY'],
  ])('by the name %s are told what is meant', (name, meant) => {
    expect(inspect({ [name]: '1' }).warnings).toEqual([`${name}: is no setting of this service: use ${meant}`]);
  });

  it.each([
    ['APP_HOME', '/app'],
    ['APP_DIR', '/app'],
    ['JAVA_HOME', '/opt/java'],
    ['REDIS_PORT', 'tcp://10.0.0.1:6379'],
  ])('of other programs are left alone: %s=%s', (name, value) =>
    expect(inspect({ [name]: value }).warnings).toEqual([]),
  );
});
