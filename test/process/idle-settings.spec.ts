import { rootCertificates } from 'node:tls';
import { selfSignedCertificate } from '../support/external/certificate.js';
import { choosing, COMPLETE, mistakesOf } from './outbound-environments.js';

const [CERTIFICATE = ''] = rootCertificates;
const CLIENT = selfSignedCertificate();

const mysql = {
  ...choosing('MAIL_DRIVER=smtp'),
  DB_DRIVER: 'mysql',
  DB_HOST: 'db.example.org',
  DB_DATABASE: 'flexisip',
  DB_USERNAME: 'flexisip',
  PUSH_DRIVER: 'log',
  SMS_DRIVER: 'log',
  CAPTCHA_DRIVER: 'none',
  DEVICES_DRIVER: 'none',
};
const { FCM_SERVICE_ACCOUNT, ...APPLE } = COMPLETE['PUSH_DRIVER=direct'];
const direct = { PUSH_DRIVER: 'direct' };
const url = 'redis://redis.example.org';
const tls = 'rediss://redis.example.org';

describe('Settings without effect are refused', () => {
  it.each<[string, string, Record<string, string>]>([
    ['DB_TLS_CA', 'without DB_TLS=true', { DB_TLS_CA: CERTIFICATE }],
    ['DB_TLS_VERIFY', 'without DB_TLS=true', { DB_TLS_VERIFY: 'ca' }],
    ['DB_TLS_CA', 'with DB_TLS_VERIFY=false', { DB_TLS: 'true', DB_TLS_VERIFY: 'false', DB_TLS_CA: CERTIFICATE }],
    ['MAIL_TLS_CA', 'with MAIL_ENCRYPTION=none', { MAIL_ENCRYPTION: 'none', MAIL_TLS_CA: CERTIFICATE }],
    ['MAIL_TLS_VERIFY', 'with MAIL_ENCRYPTION=none', { MAIL_ENCRYPTION: 'none', MAIL_TLS_VERIFY: 'true' }],
    ['MAIL_TLS_CA', 'with MAIL_TLS_VERIFY=false', { MAIL_TLS_VERIFY: 'false', MAIL_TLS_CA: CERTIFICATE }],
    ['REDIS_SENTINELS', 'without REDIS_URL', { REDIS_SENTINELS: 'sentinel' }],
    ['REDIS_MASTER', 'without REDIS_SENTINELS', { REDIS_URL: url, REDIS_MASTER: 'flexisip' }],
    [
      'FLEXISIP_REDIS_SENTINELS',
      'without FLEXISIP_REDIS_URL',
      { DEVICES_DRIVER: 'redis', REDIS_URL: url, FLEXISIP_REDIS_SENTINELS: 'sentinel' },
    ],
    [
      'FLEXISIP_REDIS_MASTER',
      'without FLEXISIP_REDIS_SENTINELS',
      { DEVICES_DRIVER: 'redis', FLEXISIP_REDIS_URL: url, FLEXISIP_REDIS_MASTER: 'flexisip' },
    ],
    [
      'REDIS_SENTINEL_PASSWORD',
      'without REDIS_SENTINELS or FLEXISIP_REDIS_SENTINELS',
      { REDIS_URL: url, REDIS_SENTINEL_PASSWORD: 'secret' },
    ],
    [
      'REDIS_TLS_CA',
      'without rediss:// in REDIS_URL or FLEXISIP_REDIS_URL',
      { REDIS_URL: url, REDIS_TLS_CA: CERTIFICATE },
    ],
    ['REDIS_TLS_CA', 'without rediss:// in REDIS_URL or FLEXISIP_REDIS_URL', { REDIS_TLS_CA: CERTIFICATE }],
    ['METRICS_HOST', 'without METRICS_PORT', { METRICS_HOST: '0.0.0.0' }],
    ['APNS_URL', 'without APNS_KEY', { ...direct, FCM_SERVICE_ACCOUNT, APNS_URL: 'https://apns.example.org' }],
    ['FCM_URL', 'without FCM_SERVICE_ACCOUNT', { ...direct, ...APPLE, FCM_URL: 'https://fcm.example.org' }],
  ])('%s %s', (name, reason, given) => {
    expect(mistakesOf({ ...mysql, ...given })).toEqual([`${name}: has no effect ${reason}`]);
  });

  it.each<[string, Record<string, string>]>([
    [
      'a checked database',
      { DB_TLS: 'true', DB_TLS_CA: CERTIFICATE, DB_TLS_CERT: CLIENT.cert, DB_TLS_KEY: CLIENT.key, DB_TLS_VERIFY: 'ca' },
    ],
    ['a checked mail server', { MAIL_ENCRYPTION: 'tls', MAIL_TLS_CA: CERTIFICATE, MAIL_TLS_VERIFY: 'true' }],
    [
      'Sentinels',
      {
        REDIS_URL: tls,
        REDIS_SENTINELS: 's',
        REDIS_MASTER: 'm',
        REDIS_SENTINEL_PASSWORD: 'x',
        REDIS_TLS_CA: CERTIFICATE,
      },
    ],
    ['Sentinels of Flexisip', { FLEXISIP_REDIS_URL: url, FLEXISIP_REDIS_SENTINELS: 's', REDIS_SENTINEL_PASSWORD: 'x' }],
    ['one Redis of two with TLS', { REDIS_URL: url, FLEXISIP_REDIS_URL: tls, REDIS_TLS_CA: CERTIFICATE }],
    [
      'drivers for later',
      {
        MAIL_DRIVER: 'log',
        MAIL_ENCRYPTION: 'none',
        MAIL_TLS_VERIFY: 'true',
        DB_DRIVER: 'sqlite',
        DB_DATABASE: 'db',
        DB_TLS_VERIFY: 'ca',
        FCM_URL: 'https://fcm.example.org',
        FLEXISIP_REDIS_MASTER: 'flexisip',
        FLEXISIP_REDIS_SENTINELS: 'sentinel',
      },
    ],
  ])('but not those of %s', (_name, given) => expect(mistakesOf({ ...mysql, ...given })).toEqual([]));

  it('and not where what they need is given and wrong, which is told already', () => {
    expect(mistakesOf({ ...mysql, REDIS_URL: 'nowhere', REDIS_TLS_CA: CERTIFICATE })).toEqual([
      expect.stringMatching(/^REDIS_URL: /),
    ]);
  });
});
