import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { loadSettings } from '../../src/config/load-settings.js';
import { fileNames } from '../../src/config/variables.js';
import { APP_KEY } from '../support/settings.js';
import {
  type Choice,
  choosing,
  COMPLETE,
  EC_KEY,
  mistakesOf,
  namesOf,
  OUTBOUND_NAMES,
  RSA_KEY,
  serviceAccount,
  settingsOf,
} from './outbound-environments.js';

/** One of the authorities that Node trusts: any certificate will do. */
const [CERTIFICATE = ''] = rootCertificates;

const choices = Object.keys(COMPLETE) as Choice[];

/** Every secret, or what may hold one: each can be given by a file. */
const SECRETS = {
  APP_FLEXISIP_PUSHER_FIREBASE_KEY: ['PUSH_DRIVER=flexisip_pusher', 'a firebase key', 'push.firebaseKey'],
  APNS_KEY: ['PUSH_DRIVER=direct', EC_KEY.trimEnd(), 'push.apns.key'],
  FCM_SERVICE_ACCOUNT: ['PUSH_DRIVER=direct', serviceAccount({ project_id: 'another' }), 'push.fcm.account.project_id'],
  MAIL_PASSWORD: ['MAIL_DRIVER=smtp', ' pa ss ', 'mail.credentials.pass'],
  MAIL_TLS_CA: ['MAIL_DRIVER=smtp', CERTIFICATE, 'mail.tls.ca'],
  OVH_APP_KEY: ['SMS_DRIVER=ovh', 'another', 'sms.appKey'],
  OVH_APP_SECRET: ['SMS_DRIVER=ovh', 'another', 'sms.appSecret'],
  OVH_APP_CONSUMER_KEY: ['SMS_DRIVER=ovh', 'another', 'sms.consumerKey'],
  TWILIO_AUTH_TOKEN: ['SMS_DRIVER=twilio', 'another', 'sms.authToken'],
  SMS_HTTP_URL: ['SMS_DRIVER=http', 'https://sms.example.org/key/{phone}/{message}', 'sms.url'],
  SMS_HTTP_HEADERS: ['SMS_DRIVER=http', '{"X-Key":"another"}', 'sms.headers.X-Key'],
  SMS_HTTP_BODY: ['SMS_DRIVER=http', 'key=another', 'sms.body'],
  CAPTCHA_SECRET_KEY: ['CAPTCHA_DRIVER=hcaptcha', 'another', 'captcha.secretKey'],
  REDIS_URL: ['DEVICES_DRIVER=redis', 'redis://:another@redis.example.org', 'devices.redis.url'],
  FLEXISIP_REDIS_URL: ['DEVICES_DRIVER=redis', 'redis://:another@redis.example.org', 'devices.redis.url'],
  REDIS_SENTINEL_PASSWORD: ['DEVICES_DRIVER=redis', 'another', 'devices.redis.sentinelPassword'],
  REDIS_TLS_CA: ['DEVICES_DRIVER=redis', CERTIFICATE, 'devices.redis.ca'],
} as const satisfies Record<string, readonly [Choice, string, string]>;

/** What a secret has no effect without. */
const NEEDED: Record<string, Record<string, string>> = {
  MAIL_PASSWORD: { MAIL_USERNAME: 'me' },
  REDIS_SENTINEL_PASSWORD: { REDIS_SENTINELS: 'sentinel' },
  REDIS_TLS_CA: { REDIS_URL: 'rediss://redis.example.org' },
};

const expected = (value: string) =>
  ({ [serviceAccount({ project_id: 'another' })]: 'another', '{"X-Key":"another"}': 'another' })[value] ?? value;

describe('The settings of external services', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-outbound-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileWith = (text: string) => {
    const file = join(folder, 'secret');
    writeFileSync(file, text);
    return file;
  };

  it('have defaults with which no external service is called', () => {
    expect(loadSettings({ APP_KEY })).toMatchObject({
      push: { driver: 'log' },
      mail: { driver: 'log' },
      sms: { driver: 'log' },
      captcha: { driver: 'proof-of-work' },
      devices: { driver: 'none' },
      messages: { application: 'Flexisip API', signature: 'Flexisip API', folder: null },
      smsCountryPrefixes: [],
      outboundTimeout: 10,
    });
  });

  it.each(choices)('are complete with what %s needs, and leave the others alone', (choice) => {
    expect(mistakesOf(choosing(choice))).toEqual([]);
    const [variable = '', name] = choice.split('=');
    const part = {
      PUSH_DRIVER: 'push',
      MAIL_DRIVER: 'mail',
      SMS_DRIVER: 'sms',
      CAPTCHA_DRIVER: 'captcha',
      DEVICES_DRIVER: 'devices',
    }[variable] as 'push';
    expect(settingsOf(choice)[part]).toMatchObject({ driver: name });
  });

  const required = choices.flatMap((choice) =>
    Object.keys(COMPLETE[choice])
      .filter(() => choice !== 'PUSH_DRIVER=direct')
      .map((name) => [choice, name] as const),
  );

  it.each(required)('with %s demand %s, by name', (choice, name) => {
    const { [name]: _left, ...rest } = choosing(choice);
    expect(mistakesOf(rest)).toEqual([
      expect.stringMatching(new RegExp(`^${name}: is required with ${choice}`)) as string,
    ]);
    expect(mistakesOf({ ...rest, [name]: '' })).toEqual(mistakesOf(rest));
  });

  it('report what every chosen driver lacks, all at once', () => {
    const drivers = {
      PUSH_DRIVER: 'flexisip_pusher',
      MAIL_DRIVER: 'smtp',
      SMS_DRIVER: 'twilio',
      DEVICES_DRIVER: 'redis',
    };
    expect(namesOf({ APP_KEY, ...drivers, MAIL_PORT: 'x' })).toEqual([
      'MAIL_PORT',
      'APP_FLEXISIP_PUSHER_PATH',
      'MAIL_HOST',
      'MAIL_FROM_ADDRESS',
      'TWILIO_ACCOUNT_SID',
      'TWILIO_AUTH_TOKEN',
      'TWILIO_FROM',
      'REDIS_URL',
    ]);
  });

  it('report a value that is wrong once, not as missing too', () => {
    expect(namesOf(choosing('SMS_DRIVER=twilio', { TWILIO_ACCOUNT_SID: 'a/b' }))).toEqual(['TWILIO_ACCOUNT_SID']);
    expect(namesOf(choosing('MAIL_DRIVER=smtp', { MAIL_FROM_ADDRESS: 'nobody' }))).toEqual(['MAIL_FROM_ADDRESS']);
    expect(namesOf(choosing('SMS_DRIVER=http', { SMS_HTTP_HEADERS: '[' }))).toEqual(['SMS_HTTP_HEADERS']);
  });

  describe('of direct pushes', () => {
    const { FCM_SERVICE_ACCOUNT, ...apple } = COMPLETE['PUSH_DRIVER=direct'];
    const direct = { APP_KEY, PUSH_DRIVER: 'direct' };

    it('are those of Apple, of Google, or both', () => {
      expect(loadSettings({ ...direct, ...apple }).push).toMatchObject({
        apns: { keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ' },
        fcm: null,
      });
      expect(loadSettings({ ...direct, FCM_SERVICE_ACCOUNT }).push).toMatchObject({
        apns: null,
        fcm: { account: { project_id: 'my-project' } },
      });
      expect(namesOf(direct)).toEqual(['PUSH_DRIVER']);
    });

    it.each(Object.keys(apple))('demand all of Apple’s where one is given: %s is missing', (name) => {
      const { [name]: _left, ...rest } = { ...direct, ...apple } as Record<string, string>;
      expect(mistakesOf(rest)).toEqual([`${name}: is required, since other settings for Apple are given`]);
      expect(namesOf({ ...rest, FCM_SERVICE_ACCOUNT })).toEqual([name]);
    });
  });

  describe('of an HTTP gateway', () => {
    const http = (others: Record<string, string>) =>
      choosing('SMS_DRIVER=http', { SMS_HTTP_URL: 'https://sms.example.org/', ...others });

    it('are a GET without a body and a POST with one, where no method is given', () => {
      expect(settingsOf('SMS_DRIVER=http').sms).toMatchObject({ method: 'GET', body: null });
      expect(settingsOf('SMS_DRIVER=http', { SMS_HTTP_BODY: 'a=b' }).sms).toMatchObject({
        method: 'POST',
        body: 'a=b',
      });
      expect(settingsOf('SMS_DRIVER=http', { SMS_HTTP_METHOD: 'PUT' }).sms).toMatchObject({ method: 'PUT' });
    });

    it.each<Record<string, string>>([
      { SMS_HTTP_BODY: 'to={phone}&text={message}' },
      { SMS_HTTP_URL: 'https://sms.example.org/{phone_digits}', SMS_HTTP_BODY: '{"text":"{message}"}' },
      { SMS_HTTP_HEADERS: '{"X-To":"{phone}","X-Text":"{message}"}' },
    ])('have number and message somewhere: %j', (others) => expect(mistakesOf(http(others))).toEqual([]));

    it.each<[Record<string, string>, string]>([
      [{ SMS_HTTP_BODY: 'to={phone}' }, '{message} stands nowhere'],
      [{ SMS_HTTP_BODY: 'text={message}&to={Phone}' }, '{phone} stands nowhere'],
      [{ SMS_HTTP_BODY: '{"to":"{phone}","text":{message}}' }, 'is not JSON'],
      [{ SMS_HTTP_BODY: '{"to":{phone},"text":"{message}"}' }, 'is not JSON'],
      [
        { SMS_HTTP_BODY: 'to={phone}&text={message}', SMS_HTTP_HEADERS: '{"content-type":"application/json"}' },
        'is not JSON',
      ],
    ])('are refused as %j', (others, reason) => {
      expect(mistakesOf(http(others))).toEqual([expect.stringContaining(`SMS_HTTP_BODY: ${reason}`) as string]);
    });

    it('are not looked at together where another driver is chosen', () => {
      expect(
        mistakesOf({ APP_KEY, SMS_DRIVER: 'log', SMS_HTTP_URL: 'https://sms.example.org/', SMS_HTTP_BODY: '{' }),
      ).toEqual([]);
    });
  });

  describe('given by files', () => {
    it('are all the secrets there are', () =>
      expect(fileNames.filter((name) => OUTBOUND_NAMES.includes(name)).toSorted()).toEqual(
        Object.keys(SECRETS).toSorted(),
      ));

    it.each(Object.entries(SECRETS))(
      '%s_FILE is read, without the newline at its end',
      (name, [choice, value, path]) => {
        const { [name]: _left, ...rest } = choosing(choice, NEEDED[name] ?? {});
        for (const end of ['', '\n', '\r\n']) {
          expect(loadSettings({ ...rest, [`${name}_FILE`]: fileWith(`${value}${end}`) })).toHaveProperty(
            path,
            expected(value),
          );
        }
        expect(mistakesOf({ ...rest, [`${name}_FILE`]: fileWith(value), [name]: value })).toEqual([
          `${name}_FILE: cannot be combined with ${name}`,
        ]);
        expect(mistakesOf({ ...rest, [`${name}_FILE`]: join(folder, 'no-such-file') })).toEqual([
          `${name}_FILE: the file does not exist`,
        ]);
      },
    );

    it.each(required.filter(([, name]) => name in SECRETS))('with %s are no excuse for an empty %s', (choice, name) => {
      const { [name]: _left, ...rest } = choosing(choice);
      expect(namesOf({ ...rest, [`${name}_FILE`]: fileWith('\n') })).toHaveLength(1);
    });

    // A NAME_FILE that nobody reads must not count as NAME.
    it.each(required.filter(([, name]) => !(name in SECRETS)))(
      'with %s are no way to give %s, which is no secret',
      (choice, name) => {
        const { [name]: _left, ...rest } = choosing(choice);
        expect(namesOf({ ...rest, [`${name}_FILE`]: fileWith('value') })).toEqual([
          expect.stringMatching(new RegExp(`^${name}`)) as string,
        ]);
      },
    );
  });

  it('never stand in a message, whichever variable holds what it should not', () => {
    const SECRET = 'zq7\u0007Secret{[<"\'';
    for (const name of OUTBOUND_NAMES) {
      for (const value of [SECRET, `{"a":"${RSA_KEY.slice(30, 90)}"}`]) {
        expect(mistakesOf({ APP_KEY, [name]: value }).join('\n')).not.toMatch(/zq7|Secret|[A-Za-z0-9+/]{40}/);
      }
    }
  });
});
