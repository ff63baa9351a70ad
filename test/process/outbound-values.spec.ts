import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runNode, SERVICE } from '../support/cli.js';
import { APP_KEY } from '../support/settings.js';
import {
  type Choice,
  choosing,
  EC_KEY,
  mistakesOf,
  namesOf,
  OUTBOUND_NAMES,
  RSA_KEY,
  serviceAccount,
  settingsOf,
} from './outbound-environments.js';

const PUSHER = 'PUSH_DRIVER=flexisip_pusher';
const DIRECT = 'PUSH_DRIVER=direct';
const SMTP = 'MAIL_DRIVER=smtp';
const OVH = 'SMS_DRIVER=ovh';
const TWILIO = 'SMS_DRIVER=twilio';
const HTTP = 'SMS_DRIVER=http';
const HCAPTCHA = 'CAPTCHA_DRIVER=hcaptcha';
const TURNSTILE = 'CAPTCHA_DRIVER=turnstile';
const PROXY = 'DEVICES_DRIVER=flexisip';
const REDIS = 'DEVICES_DRIVER=redis';

/** Who reads a variable, a value it may have, and what the settings then hold where. */
const ACCEPTED: [Choice, string, string, string, unknown][] = [
  [SMTP, 'NEIGHBOUR_TIMEOUT', '1', 'outboundTimeout', 1],
  [SMTP, 'NEIGHBOUR_TIMEOUT', '12', 'outboundTimeout', 12],
  [PUSHER, 'APP_FLEXISIP_PUSHER_PATH', '/bin/sh', 'push.path', '/bin/sh'],
  [PUSHER, 'APP_FLEXISIP_PUSHER_PREFIX', '/etc/flexisip', 'push.prefix', '/etc/flexisip'],
  [PUSHER, 'APP_FLEXISIP_PUSHER_FIREBASE_KEY', 'a key', 'push.firebaseKey', 'a key'],
  [PUSHER, 'APP_FLEXISIP_PUSHER_PROCESSES', '64', 'push.processes', 64],
  [DIRECT, 'APNS_KEY', EC_KEY, 'push.apns.key', EC_KEY],
  [DIRECT, 'APNS_KEY_ID', 'XYZ', 'push.apns.keyId', 'XYZ'],
  [DIRECT, 'APNS_TEAM_ID', 'XYZ', 'push.apns.teamId', 'XYZ'],
  [DIRECT, 'APNS_URL', 'http://127.0.0.1:1/', 'push.apns.urls.apns', 'http://127.0.0.1:1'],
  [
    DIRECT,
    'APNS_DEV_URL',
    'http://127.0.0.1:1',
    'push.apns.urls',
    { apns: 'https://api.push.apple.com', 'apns.dev': 'http://127.0.0.1:1' },
  ],
  [DIRECT, 'FCM_SERVICE_ACCOUNT', serviceAccount({ project_id: 'p' }), 'push.fcm.account.project_id', 'p'],
  [DIRECT, 'FCM_URL', 'http://127.0.0.1:1/fcm', 'push.fcm.url', 'http://127.0.0.1:1/fcm'],
  [HCAPTCHA, 'CAPTCHA_SITE_KEY', 'a-site', 'captcha.siteKey', 'a-site'],
  [HCAPTCHA, 'CAPTCHA_SECRET_KEY', 'a-secret', 'captcha.secretKey', 'a-secret'],
  [HCAPTCHA, 'HCAPTCHA_VERIFY_URL', 'http://127.0.0.1:1/verify', 'captcha.verifyUrl', 'http://127.0.0.1:1/verify'],
  [TURNSTILE, 'TURNSTILE_VERIFY_URL', 'http://127.0.0.1:1/verify', 'captcha.verifyUrl', 'http://127.0.0.1:1/verify'],
  [SMTP, 'MAIL_HOST', '::1', 'mail.host', '::1'],
  [SMTP, 'MAIL_PORT', '2525', 'mail.port', 2525],
  [SMTP, 'MAIL_ENCRYPTION', 'none', 'mail', expect.objectContaining({ encryption: 'none', port: 25 })],
  [SMTP, 'MAIL_ENCRYPTION', 'starttls', 'mail', expect.objectContaining({ encryption: 'starttls', port: 587 })],
  [SMTP, 'MAIL_ENCRYPTION', 'tls', 'mail', expect.objectContaining({ encryption: 'tls', port: 465 })],
  [SMTP, 'MAIL_FROM_ADDRESS', 'a@b.example', 'mail.from', { address: 'a@b.example', name: 'Flexisip API' }],
  [SMTP, 'MAIL_FROM_NAME', 'É "x" <y>', 'mail.from.name', 'É "x" <y>'],
  [SMTP, 'MAIL_SIGNATURE', 'Two\nlines', 'messages.signature', 'Two\nlines'],
  [SMTP, 'MAIL_CONNECTIONS', '64', 'mail.connections', 64],
  [SMTP, 'MAIL_EHLO_NAME', 'api.example.org', 'mail.ehloName', 'api.example.org'],
  [SMTP, 'MAIL_EHLO_NAME', '[IPv6:2001:db8::1]', 'mail.ehloName', '[IPv6:2001:db8::1]'],
  [SMTP, 'MAIL_TLS_VERIFY', 'false', 'mail.tls.verify', false],
  [SMTP, 'MESSAGE_TEMPLATES', tmpdir(), 'messages.folder', tmpdir()],
  [OVH, 'SMS_COUNTRY_PREFIXES', '+33, +1202,', 'smsCountryPrefixes', ['+33', '+1202']],
  [OVH, 'OVH_APP_ENDPOINT', '', 'sms.url', 'https://eu.api.ovh.com/1.0'],
  [OVH, 'OVH_APP_ENDPOINT', 'ovh-ca', 'sms.url', 'https://ca.api.ovh.com/1.0'],
  [OVH, 'OVH_APP_ENDPOINT', 'ovh-us', 'sms.url', 'https://api.us.ovhcloud.com/1.0'],
  [OVH, 'OVH_APP_ENDPOINT', 'https://eu.api.ovh.com/1.0/', 'sms.url', 'https://eu.api.ovh.com/1.0'],
  [OVH, 'OVH_APP_SENDER', 'A name', 'sms.sender', 'A name'],
  [OVH, 'OVH_APP_SERVICE', 'sms-ab1-1', 'sms.service', 'sms-ab1-1'],
  [TWILIO, 'TWILIO_ACCOUNT_SID', 'AC0aF', 'sms.accountSid', 'AC0aF'],
  [TWILIO, 'TWILIO_FROM', 'A name', 'sms.from', 'A name'],
  [TWILIO, 'TWILIO_URL', 'https://api.dublin.ie1.twilio.com/', 'sms.url', 'https://api.dublin.ie1.twilio.com'],
  [HTTP, 'SMS_HTTP_METHOD', 'PATCH', 'sms.method', 'PATCH'],
  [HTTP, 'SMS_HTTP_HEADERS', '{"X-Key": "a b"}', 'sms.headers', { 'X-Key': 'a b' }],
  [HTTP, 'SMS_HTTP_SUCCESS', 'a.0.b=x=y', 'sms.success', { member: ['a', '0', 'b'], equals: 'x=y' }],
  [HTTP, 'SMS_HTTP_SUCCESS', 'id', 'sms.success', { member: ['id'], equals: null }],
  [
    PROXY,
    'APP_FLEXISIP_PROXY_PID',
    '/run/x.pid',
    'devices',
    { driver: 'flexisip', pidFile: '/run/x.pid', socketDirectory: '/tmp' },
  ],
  [PROXY, 'APP_FLEXISIP_SOCKET_DIR', '/run/x', 'devices.socketDirectory', '/run/x'],
  [PROXY, 'APP_FLEXISIP_PROXY_PID', '', 'devices.pidFile', '/var/run/flexisip-proxy.pid'],
  [REDIS, 'REDIS_URL', 'rediss://u:p@h:1/2', 'devices.redis.url', 'rediss://u:p@h:1/2'],
  [
    REDIS,
    'REDIS_SENTINELS',
    'a, b:1',
    'devices.redis.sentinels',
    [
      { host: 'a', port: 26379 },
      { host: 'b', port: 1 },
    ],
  ],
  [
    REDIS,
    'FLEXISIP_REDIS_URL',
    'redis://h',
    'devices.redis',
    {
      variable: 'FLEXISIP_REDIS_URL',
      url: 'redis://h',
      sentinels: [],
      master: 'mymaster',
      sentinelPassword: null,
      ca: null,
      connectTimeout: 10_000,
    },
  ],
];

const REFUSED: [string, ...string[]][] = [
  ['NEIGHBOUR_TIMEOUT', '0', '13', '1.5', '-1', '1e1'],
  ['PUSH_DRIVER', 'pigeon', 'LOG'],
  ['APP_FLEXISIP_PUSHER_PATH', '/etc/passwd', '/tmp', '/no/such/program', 'flexisip_pusher'],
  ['APP_FLEXISIP_PUSHER_PREFIX', '--key'],
  ['APP_FLEXISIP_PUSHER_FIREBASE_KEY', '--prefix'],
  ['APP_FLEXISIP_PUSHER_PROCESSES', '0', '65'],
  ['APNS_KEY', 'a key', RSA_KEY],
  ['APNS_KEY_ID', 'a b'],
  ['APNS_TEAM_ID', 'a\nb'],
  ['APNS_URL', 'api.push.apple.com', 'ftp://h', 'https://h/?a=b', 'https://u:p@h', 'https://:p@h'],
  ['APNS_DEV_URL', 'h2://h'],
  [
    'FCM_SERVICE_ACCOUNT',
    'a file',
    '[]',
    'null',
    '{}',
    serviceAccount({ private_key: EC_KEY }),
    serviceAccount({ project_id: 1 }),
  ],
  ['FCM_SERVICE_ACCOUNT', serviceAccount({ token_uri: 'oauth2' }), serviceAccount({ token_uri: 'file:///etc/passwd' })],
  ['FCM_URL', 'fcm'],
  ['MAIL_DRIVER', 'sendmail'],
  ['MAIL_HOST', 'a b'],
  ['MAIL_PORT', '0', '65536'],
  ['MAIL_ENCRYPTION', 'ssl', 'TLS'],
  ['MAIL_FROM_ADDRESS', 'nobody', 'Me <a@b.example>', 'a@b.example\nBcc: c@d.example', 'a@b.example, c@d.example'],
  ['MAIL_FROM_NAME', 'a\nb', 'x'.repeat(129)],
  ['MAIL_CONNECTIONS', '0', '65'],
  ['MAIL_EHLO_NAME', '192.0.2.1', '[2001:db8::1]', 'my_host.example', 'api.example.org.', 'a b', 'a\r\nRSET'],
  ['MAIL_TLS_CA', 'no certificate'],
  ['MAIL_TLS_VERIFY', 'yes'],
  ['MESSAGE_TEMPLATES', '/etc/hosts', '/no/such/folder'],
  ['SMS_DRIVER', 'carrier', 'OVH'],
  ['SMS_COUNTRY_PREFIXES', '33', '+', '+0', '0033', '+33 +34', ',', '+33;+34', '+3x'],
  ['OVH_APP_KEY', 'two\nlines', '€'],
  ['OVH_APP_CONSUMER_KEY', 'two\nlines', '€'],
  ['OVH_APP_ENDPOINT', 'ovh-mars', 'ftp://h', 'https://h?a', 'https://:p@h', 'toString'],
  ['OVH_APP_SERVICE', 'a b'],
  ['TWILIO_ACCOUNT_SID', 'a/b', 'a b', '..'],
  ['TWILIO_URL', 'twilio', 'https://u:p@h'],
  [
    'SMS_HTTP_URL',
    'h/{phone}',
    'ftp://h',
    'http://{phone}/',
    'http://h:{phone_digits}/',
    'http://u:p@h',
    'http://{message}@h',
    'http://:p@h',
  ],
  ['SMS_HTTP_URL', 'http:{phone}.h/', 'http:\\\\{phone}.h/'],
  ['SMS_HTTP_METHOD', 'G E T', 'GET\n', 'TRACE', 'CONNECT'],
  [
    'SMS_HTTP_HEADERS',
    'X-Key: a',
    '[]',
    'null',
    '"a"',
    '{"a b": "c"}',
    '{"": "c"}',
    '{"a": 1}',
    '{"a": null}',
    '{"a": "é"}',
    '{"a": "b\\nc"}',
  ],
  ['SMS_HTTP_HEADERS', '{"Transfer-Encoding": "chunked"}', '{"content-length": "1"}', '{"Expect": "100-continue"}'],
  ['SMS_HTTP_SUCCESS', '=1', '='],
  ['CAPTCHA_DRIVER', 'log', 'None', 'recaptcha'],
  ['CAPTCHA_SITE_KEY', 'a b', 'é'],
  ['CAPTCHA_SECRET_KEY', 'a b'],
  ['HCAPTCHA_VERIFY_URL', 'hcaptcha', 'https://u:p@h'],
  ['TURNSTILE_VERIFY_URL', 'https://h?a'],
  ['DEVICES_DRIVER', 'log', 'Redis'],
  ['REDIS_URL', 'localhost', 'http://h', 'redis:h', 'redis://'],
  ['REDIS_SENTINELS', 'a:b', ',', 'a:1:2', 'a:65536', 'a:0', 'redis://a', '/run/a', '26379'],
  ['REDIS_MASTER', 'a b'],
  ['REDIS_TLS_CA', 'no certificate'],
  ['FLEXISIP_REDIS_URL', 'h:6379'],
  ['FLEXISIP_REDIS_SENTINELS', 'a b'],
  ['FLEXISIP_REDIS_MASTER', 'a b'],
];

/** A value for the name of a test, without the key that it may hold. */
const brief = (value: string) => value.replace(/-----BEGIN.*END[^-]*-----/s, '(a key)').slice(0, 200);

describe('The variables of external services', () => {
  it('are all covered by this test', () => {
    const anything = [
      'MAIL_USERNAME',
      'MAIL_PASSWORD',
      'MAIL_TLS_CA',
      'OVH_APP_KEY',
      'OVH_APP_SECRET',
      'OVH_APP_CONSUMER_KEY',
      'TWILIO_AUTH_TOKEN',
    ];
    const elsewhere = [
      'SMS_HTTP_URL',
      'SMS_HTTP_BODY',
      'REDIS_TLS_CA',
      'REDIS_SENTINEL_PASSWORD',
      'FLEXISIP_REDIS_SENTINELS',
      'REDIS_MASTER',
      'FLEXISIP_REDIS_MASTER',
    ];
    const drivers = ['PUSH_DRIVER', 'MAIL_DRIVER', 'SMS_DRIVER', 'CAPTCHA_DRIVER', 'DEVICES_DRIVER'];
    const looked = new Set([...anything, ...elsewhere, ...drivers, ...ACCEPTED.map(([, name]) => name)]);
    expect([...looked].toSorted()).toEqual(OUTBOUND_NAMES.toSorted());
  });

  const acceptances = ACCEPTED.map(([choice, name, value, path, result]) => ({
    choice,
    name,
    value,
    path,
    result,
    shown: brief(value),
  }));

  it.each(acceptances)('with $choice take $name=$shown', ({ choice, name, value, path, result }) => {
    expect(mistakesOf(choosing(choice, { [name]: value }))).toEqual([]);
    expect(settingsOf(choice, { [name]: value })).toHaveProperty(path, result);
  });

  const refusals = REFUSED.flatMap(([name, ...values]) =>
    values.map((value) => ({ name, value, shown: brief(value) })),
  );

  it.each(refusals)('refuse $name=$shown, by name', ({ name, value }) => {
    const mistakes = mistakesOf({ APP_KEY, [name]: value });
    expect(mistakes).toEqual([expect.stringMatching(new RegExp(`^${name}: (must|has|holds) `)) as string]);
  });

  it('take a registrar’s Redis of its own, its Sentinels and its master, before the shared one', () => {
    const own = { FLEXISIP_REDIS_URL: 'redis://own', FLEXISIP_REDIS_SENTINELS: 's:1', FLEXISIP_REDIS_MASTER: 'm' };
    const expected = { url: 'redis://own', sentinels: [{ host: 's', port: 1 }], master: 'm' };
    expect(settingsOf(REDIS, own).devices).toMatchObject({ redis: expected });
    expect(settingsOf(REDIS, { ...own, REDIS_SENTINELS: 't:2', REDIS_MASTER: 'n' }).devices).toMatchObject({
      redis: expected,
    });
  });

  describe('that can never work together are refused', () => {
    it.each<Record<string, string>>([
      { SMS_HTTP_METHOD: 'GET', SMS_HTTP_BODY: 'to={phone}&text={message}' },
      { SMS_HTTP_METHOD: 'HEAD', SMS_HTTP_BODY: 'to={phone}&text={message}' },
      // What comes after # is not sent.
      { SMS_HTTP_URL: 'https://sms.example.org/?to={phone}#{message}' },
    ])('for an HTTP gateway: %j', (others) => expect(namesOf(choosing(HTTP, others))).toHaveLength(1));
  });

  it.each([
    ['asks for what is not there', '{{code}} {{account}}'],
    ['is none', '{{#code}'],
  ])('lead to a plain message at start where a template %s', async (_name, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-templates-'));
    try {
      const file = join(folder, 'fr/sms/activation.txt');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      const outcome = await runNode(
        [SERVICE],
        { ...choosing(TWILIO), MESSAGE_TEMPLATES: folder, DB_DATABASE: join(folder, 'db') },
        folder,
      );
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(/^The template fr\/sms\/activation\.txt cannot be used: .*\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
