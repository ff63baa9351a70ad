import { generateKeyPairSync } from 'node:crypto';
import { loadSettings } from '../../src/config/load-settings.js';
import { InvalidSettings } from '../../src/config/settings.js';
import { groups } from '../../src/config/variables.js';
import { APP_KEY } from '../support/settings.js';

const { outbound, push, mail, texts, sms, captcha, devices, redis } = groups;

/** The variables of external services. */
export const OUTBOUND_NAMES: readonly string[] = [outbound, push, mail, texts, sms, captcha, devices, redis].flatMap(
  ({ settings }) => Object.keys(settings),
);

const pem = { type: 'pkcs8', format: 'pem' } as const;
export const EC_KEY = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export(pem).toString();
export const RSA_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem).toString();

/** A Google service account file, with members of it left out or changed. */
export const serviceAccount = (members: Record<string, unknown> = {}): string =>
  JSON.stringify({
    type: 'service_account',
    project_id: 'my-project',
    client_email: 'pushes@my-project.iam.gserviceaccount.com',
    private_key: RSA_KEY,
    token_uri: 'https://oauth2.googleapis.com/token',
    ...members,
  });

/** An environment in which each driver has all it needs, and no more. */
export const COMPLETE = {
  'PUSH_DRIVER=flexisip_pusher': { APP_FLEXISIP_PUSHER_PATH: '/bin/true' },
  'PUSH_DRIVER=direct': {
    APNS_KEY: EC_KEY,
    APNS_KEY_ID: 'ABC123DEFG',
    APNS_TEAM_ID: 'DEF123GHIJ',
    FCM_SERVICE_ACCOUNT: serviceAccount(),
  },
  'MAIL_DRIVER=smtp': { MAIL_HOST: 'smtp.example.org', MAIL_FROM_ADDRESS: 'noreply@example.org' },
  'SMS_DRIVER=ovh': {
    OVH_APP_KEY: 'key',
    OVH_APP_SECRET: 'secret',
    OVH_APP_CONSUMER_KEY: 'consumer',
    OVH_APP_SENDER: 'Flexisip',
  },
  'SMS_DRIVER=twilio': { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'token', TWILIO_FROM: '+15005550006' },
  'SMS_DRIVER=http': { SMS_HTTP_URL: 'https://sms.example.org/?to={phone}&text={message}' },
  'CAPTCHA_DRIVER=hcaptcha': { CAPTCHA_SITE_KEY: 'site', CAPTCHA_SECRET_KEY: 'secret' },
  'CAPTCHA_DRIVER=turnstile': { CAPTCHA_SITE_KEY: 'site', CAPTCHA_SECRET_KEY: 'secret' },
  'DEVICES_DRIVER=flexisip': {},
  'DEVICES_DRIVER=redis': { REDIS_URL: 'redis://127.0.0.1:6379' },
} as const satisfies Record<string, Record<string, string>>;

export type Choice = keyof typeof COMPLETE;

/** That environment, with some variables besides. */
export function choosing(choice: Choice, others: Record<string, string> = {}): Record<string, string> {
  const [driver = '', name = ''] = choice.split('=');
  return { APP_KEY, [driver]: name, ...COMPLETE[choice], ...others };
}

export const settingsOf = (choice: Choice, others: Record<string, string> = {}) =>
  loadSettings(choosing(choice, others));

/** What is wrong with an environment, a line each; anything but a list of mistakes is thrown on. */
export function mistakesOf(environment: Record<string, string>): string[] {
  try {
    loadSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof InvalidSettings) return [...error.mistakes];
    throw error;
  }
}

/** The variables that are wrong. */
export const namesOf = (environment: Record<string, string>) =>
  mistakesOf(environment).map((mistake) => mistake.split(':', 1)[0]);
