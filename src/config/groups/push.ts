import { createPrivateKey } from 'node:crypto';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { ApnsSettings, FcmSettings, PushSettings } from '../outbound-settings.js';
import { chosenWithMysql, type IsGiven, required, type SettingGroup, type ValuesOf } from '../setting.js';
import { baseUrl, jsonText, oneOf, pathThat, textOrPath, textThat, wholeNumber, word } from '../variable-kinds.js';

const PUSHER = 'PUSH_DRIVER=flexisip_pusher';
const DIRECT = 'PUSH_DRIVER=direct';

const executable = pathThat((file) => {
  accessSync(file, constants.X_OK);
  return isAbsolute(file) && statSync(file).isFile();
}, 'must be the whole path of a program that may be run');

/** A private key for RS256, or for ES256, which supports only one curve. */
const privateKey = (type: 'ec' | 'rsa', message: string) =>
  textThat((pem) => {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    return asymmetricKeyType === type && (type === 'rsa' || asymmetricKeyDetails?.namedCurve === 'prime256v1');
  }, message);

const serviceAccount = jsonText('must be the JSON of a Google service account').pipe(
  z.object(
    {
      project_id: z.string('has no project_id').min(1, 'has no project_id'),
      client_email: z.string('has no client_email').min(1, 'has no client_email'),
      private_key: privateKey('rsa', 'has no RSA private_key'),
      token_uri: z.url({ protocol: /^https?$/, error: 'has no token_uri' }),
    },
    'must be the JSON of a Google service account',
  ),
);

export const push = {
  title: 'Pushes',
  settings: {
    PUSH_DRIVER: {
      schema: oneOf(['log', 'flexisip_pusher', 'direct']).default('log'),
      text:
        'How account creation tokens reach devices: `log` prints them on the console, `flexisip_pusher` starts the ' +
        'program that Flexisip ships, `direct` speaks to Apple, Google or both.',
      required: chosenWithMysql('"log" only prints the messages'),
    },
    APP_FLEXISIP_PUSHER_PATH: {
      schema: executable.optional(),
      text: 'The program `flexisip_pusher`.',
      example: '/opt/belledonne-communications/bin/flexisip_pusher',
      with: PUSHER,
      demandsChoice: true,
      required: PUSHER,
    },
    APP_FLEXISIP_PUSHER_PREFIX: {
      schema: pathThat((text) => !text.startsWith('-'), 'must be the path of a folder').optional(),
      text: 'The `--prefix` of the program: the folder with the certificates for Apple.',
      otherwise: 'that of Flexisip',
      example: '/etc/flexisip',
      with: PUSHER,
    },
    APP_FLEXISIP_PUSHER_FIREBASE_KEY: {
      schema: textOrPath.pipe(textThat((text) => !text.startsWith('-'), 'must not start with -')).optional(),
      text: 'The `--key` of the program, for Firebase: a key, or the path of a service account file.',
      secret: true,
      with: PUSHER,
    },
    APP_FLEXISIP_PUSHER_PROCESSES: {
      schema: wholeNumber(1, 64).default(8),
      text: 'How many of these programs may run at one time.',
      with: PUSHER,
    },
    APNS_KEY: {
      schema: privateKey('ec', 'must be the private key that Apple gave out, PEM').optional(),
      text: 'The signing key for Apple (.p8); APNS_KEY_ID and APNS_TEAM_ID go with it.',
      secret: true,
      file: '/run/secrets/AuthKey_ABC123DEFG.p8',
      severalLines: true,
      with: DIRECT,
      demandsChoice: true,
    },
    APNS_KEY_ID: { schema: word.optional(), text: 'The id of APNS_KEY.', example: 'ABC123DEFG', with: DIRECT },
    APNS_TEAM_ID: {
      schema: word.optional(),
      text: 'The id of the team that APNS_KEY belongs to.',
      example: 'DEF123GHIJ',
      with: DIRECT,
    },
    APNS_URL: {
      schema: baseUrl.default('https://api.push.apple.com'),
      text: 'The push service of Apple.',
      with: DIRECT,
      noEffect: [{ without: 'APNS_KEY' }],
    },
    APNS_DEV_URL: {
      schema: baseUrl.default('https://api.sandbox.push.apple.com'),
      text: 'The push service of Apple for apps under development (`apns.dev`).',
      with: DIRECT,
      noEffect: [{ without: 'APNS_KEY' }],
    },
    FCM_SERVICE_ACCOUNT: {
      schema: serviceAccount.optional(),
      text: 'The JSON of a service account, as Google gives it out.',
      secret: true,
      file: '/run/secrets/service-account.json',
      severalLines: true,
      with: DIRECT,
      demandsChoice: true,
    },
    FCM_URL: {
      schema: baseUrl.default('https://fcm.googleapis.com'),
      text: 'The push service of Google.',
      with: DIRECT,
      noEffect: [{ without: 'FCM_SERVICE_ACCOUNT' }],
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof push.settings>;

export function directPushMistakes(values: Partial<Values>, isGiven: IsGiven): string[] {
  if (values.PUSH_DRIVER !== 'direct') return [];
  const apple = ['APNS_KEY', 'APNS_KEY_ID', 'APNS_TEAM_ID'];
  const missing = apple.filter((name) => !isGiven(name));
  if (missing.length === apple.length) {
    return isGiven('FCM_SERVICE_ACCOUNT')
      ? []
      : ['PUSH_DRIVER: "direct" needs APNS_KEY with its ids, or FCM_SERVICE_ACCOUNT, or both'];
  }
  return missing.map((name) => `${name}: is required, since other settings for Apple are given`);
}

export function pushSettings(values: Values): PushSettings {
  switch (values.PUSH_DRIVER) {
    case 'flexisip_pusher':
      return {
        driver: 'flexisip_pusher',
        path: required(values.APP_FLEXISIP_PUSHER_PATH),
        prefix: values.APP_FLEXISIP_PUSHER_PREFIX ?? null,
        firebaseKey: values.APP_FLEXISIP_PUSHER_FIREBASE_KEY ?? null,
        processes: values.APP_FLEXISIP_PUSHER_PROCESSES,
      };
    case 'direct':
      return { driver: 'direct', apns: apnsSettings(values), fcm: fcmSettings(values) };
    default:
      return { driver: 'log' };
  }
}

function apnsSettings(values: Values): ApnsSettings | null {
  const { APNS_KEY: key, APNS_KEY_ID: keyId, APNS_TEAM_ID: teamId } = values;
  if (!key || !keyId || !teamId) return null;
  return { key, keyId, teamId, urls: { apns: values.APNS_URL, 'apns.dev': values.APNS_DEV_URL } };
}

function fcmSettings(values: Values): FcmSettings | null {
  return values.FCM_SERVICE_ACCOUNT ? { url: values.FCM_URL, account: values.FCM_SERVICE_ACCOUNT } : null;
}
