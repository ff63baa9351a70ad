import { createPrivateKey } from 'node:crypto';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { isMailAddress } from '../common/mail-address.js';
import { isEhloName } from './ehlo-name.js';
import { fillTemplate, findPlaceholders, bodySyntax } from './http-template.js';
import { redisUrl } from './redis-url.js';
import {
  baseUrl,
  certificates,
  hasNoCredentials,
  host,
  isHost,
  lineOfText,
  list,
  oneOf,
  path,
  pathThat,
  textOrPath,
  textThat,
  wholeNumber,
} from './variable-kinds.js';

/** Where OVH's API is, by the names its own libraries use. */
const OVH_ENDPOINTS: Record<string, string> = {
  'ovh-eu': 'https://eu.api.ovh.com/1.0',
  'ovh-ca': 'https://ca.api.ovh.com/1.0',
  'ovh-us': 'https://api.us.ovhcloud.com/1.0',
  'soyoustart-eu': 'https://eu.api.soyoustart.com/1.0',
  'soyoustart-ca': 'https://ca.api.soyoustart.com/1.0',
  'kimsufi-eu': 'https://eu.api.kimsufi.com/1.0',
  'kimsufi-ca': 'https://ca.api.kimsufi.com/1.0',
};

const ovhEndpoint = z
  .string()
  .transform((name) => (Object.hasOwn(OVH_ENDPOINTS, name) ? (OVH_ENDPOINTS[name] ?? name) : name))
  .pipe(z.string().regex(/^https?:\/\//, `must be a URL or one of ${Object.keys(OVH_ENDPOINTS).join(', ')}`))
  .pipe(baseUrl);

/** A token of HTTP (RFC 9110 §5.6.2), such as the name of a header. */
const HTTP_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const word = z.string().regex(/^[\x21-\x7e]+$/, 'must hold no blanks');

const executable = pathThat((file) => {
  accessSync(file, constants.X_OK);
  return isAbsolute(file) && statSync(file).isFile();
}, 'must be the whole path of a program that may be run');

/** A private key for RS256, or for ES256, which knows one curve alone. */
const privateKey = (type: 'ec' | 'rsa', message: string) =>
  textThat((pem) => {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    return asymmetricKeyType === type && (type === 'rsa' || asymmetricKeyDetails?.namedCurve === 'prime256v1');
  }, message);

/** Text that is JSON. */
const jsonText = (message: string) =>
  z.string().transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue(message);
      return z.NEVER;
    }
  });

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

/** What is sent in a header. */
const headerSecret = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks');

/** Headers that describe the message itself: the HTTP client writes them. */
const HEADERS_OF_THE_CLIENT = /^(host|connection|content-length|transfer-encoding|expect|keep-alive|te|trailer|upgrade)$/i;

const httpHeaders = jsonText('must be a JSON object, like {"Authorization": "Bearer …"}')
  .pipe(
    z.record(
      z.string(),
      z.string('must hold text only').regex(/^[\x20-\x7e]*$/, 'holds a value that no header can have'),
      'must be a JSON object, like {"Authorization": "Bearer …"}',
    ),
  )
  .refine((headers) => Object.keys(headers).every((name) => HTTP_TOKEN.test(name)), 'holds a name that no header can have')
  .refine((headers) => !Object.keys(headers).some((name) => HEADERS_OF_THE_CLIENT.test(name)), 'holds a header that is not yours to set');

const gatewayUrl = textThat((template) => {
  const [one, other] = ['+33612345678', '+4915112345678'].map((phone) => new URL(fillTemplate(template, { phone, message: phone }, 'url')));
  if (!one || !other || one.origin !== other.origin || /[#\s]/.test(template)) return false;
  return /^https?:$/.test(one.protocol) && hasNoCredentials(one);
}, 'must be an http or https URL whose host is fixed, # written as %23 and a blank as %20; credentials belong into SMS_HTTP_HEADERS');

/** `member=value`, or `member` alone; dots lead into objects and lists. */
const successMember = z
  .string()
  .regex(/^[^=]+(=.*)?$/, 'must be the name of a member of the answer, like status or messages.0.status=0')
  .transform((text) => {
    const [, member = '', equals] = /^([^=]+)(?:=(.*))?$/.exec(text) ?? [];
    return { member: member.split('.'), equals: equals ?? null };
  });

function isHostWithPort(text: string): boolean {
  const [name = '', port = '26379', ...rest] = text.split(':');
  return rest.length === 0 && isHost(name) && /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
}

const sentinels = list(isHostWithPort, 'must be hosts with ports, like sentinel-1:26379, by commas')
  .default([])
  .transform((items) =>
    items.map((item) => {
      const [name = '', port = '26379'] = item.split(':');
      return { host: name, port: Number(port) };
    }),
  );

const secret = z.string();

/** One schema for each variable of external services. Messages never repeat a value: some values are secrets. */
export const outboundVariables = {
  NEIGHBOUR_TIMEOUT: wholeNumber(1, 12).default(10),

  PUSH_DRIVER: oneOf(['log', 'flexisip_pusher', 'direct']).optional(),
  APP_FLEXISIP_PUSHER_PATH: executable.optional(),
  APP_FLEXISIP_PUSHER_PREFIX: pathThat((text) => !text.startsWith('-'), 'must be the path of a folder').optional(),
  APP_FLEXISIP_PUSHER_FIREBASE_KEY: textOrPath.pipe(textThat((text) => !text.startsWith('-'), 'must not start with -')).optional(),
  APP_FLEXISIP_PUSHER_PROCESSES: wholeNumber(1, 64).default(8),
  APNS_KEY: privateKey('ec', 'must be the private key that Apple gave out, PEM').optional(),
  APNS_KEY_ID: word.optional(),
  APNS_TEAM_ID: word.optional(),
  APNS_URL: baseUrl.default('https://api.push.apple.com'),
  APNS_DEV_URL: baseUrl.default('https://api.sandbox.push.apple.com'),
  FCM_SERVICE_ACCOUNT: serviceAccount.optional(),
  FCM_URL: baseUrl.default('https://fcm.googleapis.com'),

  MAIL_DRIVER: oneOf(['log', 'smtp']).optional(),
  MAIL_HOST: host('MAIL_PORT').optional(),
  MAIL_PORT: wholeNumber(1, 65_535).optional(),
  MAIL_ENCRYPTION: oneOf(['none', 'starttls', 'tls']).default('starttls'),
  MAIL_USERNAME: z.string().optional(),
  MAIL_PASSWORD: secret.optional(),
  MAIL_FROM_ADDRESS: textThat(isMailAddress, 'must be a mail address').optional(),
  MAIL_FROM_NAME: lineOfText(128).optional(),
  MAIL_SIGNATURE: z.string().optional(),
  MAIL_EHLO_NAME: textThat(isEhloName, 'must be a host name like api.example.org, or an address like [192.0.2.1]').optional(),
  MAIL_CONNECTIONS: wholeNumber(1, 64).default(5),
  MAIL_TLS_CA: certificates.optional(),
  MAIL_TLS_VERIFY: oneOf(['true', 'false']).default('true'),
  MESSAGE_TEMPLATES: pathThat((folder) => statSync(folder).isDirectory(), 'must be the path of a folder').optional(),

  SMS_DRIVER: oneOf(['log', 'ovh', 'twilio', 'http']).optional(),
  SMS_COUNTRY_PREFIXES: list((item) => /^\+[1-9]\d{0,14}$/.test(item), 'must be beginnings of numbers, like +33, by commas').default([]),
  OVH_APP_KEY: headerSecret.optional(),
  OVH_APP_SECRET: secret.optional(),
  OVH_APP_ENDPOINT: ovhEndpoint.prefault('ovh-eu'),
  OVH_APP_CONSUMER_KEY: headerSecret.optional(),
  OVH_APP_SENDER: z.string().optional(),
  OVH_APP_SERVICE: word.optional(),
  TWILIO_ACCOUNT_SID: textThat((text) => /^[A-Za-z0-9]+$/.test(text), 'must be the id of an account').optional(),
  TWILIO_AUTH_TOKEN: secret.optional(),
  TWILIO_FROM: z.string().optional(),
  TWILIO_URL: baseUrl.default('https://api.twilio.com'),
  SMS_HTTP_URL: gatewayUrl.optional(),
  SMS_HTTP_METHOD: oneOf(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  SMS_HTTP_HEADERS: httpHeaders.prefault('{}'),
  SMS_HTTP_BODY: z.string().optional(),
  SMS_HTTP_SUCCESS: successMember.optional(),

  DEVICES_DRIVER: oneOf(['none', 'flexisip', 'redis']).optional(),
  APP_FLEXISIP_PROXY_PID: path.default('/var/run/flexisip-proxy.pid'),
  APP_FLEXISIP_SOCKET_DIR: path.default('/tmp'),
  REDIS_URL: redisUrl.optional(),
  REDIS_SENTINELS: sentinels,
  REDIS_MASTER: word.default('mymaster'),
  FLEXISIP_REDIS_URL: redisUrl.optional(),
  FLEXISIP_REDIS_SENTINELS: sentinels,
  FLEXISIP_REDIS_MASTER: word.default('mymaster'),
  REDIS_SENTINEL_PASSWORD: secret.optional(),
  REDIS_TLS_CA: certificates.optional(),
};

/** Those that may also be given as `NAME_FILE`. */
export const outboundFileNames = [
  'APP_FLEXISIP_PUSHER_FIREBASE_KEY',
  'APNS_KEY',
  'FCM_SERVICE_ACCOUNT',
  'MAIL_PASSWORD',
  'MAIL_TLS_CA',
  'OVH_APP_KEY',
  'OVH_APP_SECRET',
  'OVH_APP_CONSUMER_KEY',
  'TWILIO_AUTH_TOKEN',
  'SMS_HTTP_URL',
  'SMS_HTTP_HEADERS',
  'SMS_HTTP_BODY',
  'REDIS_URL',
  'FLEXISIP_REDIS_URL',
  'REDIS_SENTINEL_PASSWORD',
  'REDIS_TLS_CA',
] as const;

export type Values = { [Name in keyof typeof outboundVariables]: z.output<(typeof outboundVariables)[Name]> };

/** What each adapter cannot do without. */
const REQUIREMENTS = {
  PUSH_DRIVER: { flexisip_pusher: ['APP_FLEXISIP_PUSHER_PATH'] },
  MAIL_DRIVER: { smtp: ['MAIL_HOST', 'MAIL_FROM_ADDRESS'] },
  SMS_DRIVER: {
    ovh: ['OVH_APP_KEY', 'OVH_APP_SECRET', 'OVH_APP_CONSUMER_KEY', 'OVH_APP_SENDER'],
    twilio: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
    http: ['SMS_HTTP_URL'],
  },
} as const;

/**
 * What the chosen adapters demand of the variables together, a line for each mistake.
 *
 * @param isGiven whether a variable was set at all; one that is set and wrong has been reported already.
 */
export function outboundMistakes(values: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  const mistakes = (Object.keys(REQUIREMENTS) as (keyof typeof REQUIREMENTS)[]).flatMap((driver) => {
    const chosen = values[driver];
    const names: readonly string[] = (REQUIREMENTS[driver] as Record<string, readonly string[]>)[chosen ?? ''] ?? [];
    return names.filter((name) => !isGiven(name)).map((name) => `${name}: is required with ${driver}=${chosen}`);
  });
  return [
    ...mistakes,
    ...directPushMistakes(values, isGiven),
    ...gatewayMistakes(values),
    ...registrarMistakes(values, isGiven),
    ...halves(values, isGiven),
  ];
}

/** What is given without the other half that it needs to have any effect. */
function halves(values: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  const { MAIL_USERNAME, MAIL_PASSWORD } = values;
  const mistakes: string[] = [];
  if (MAIL_USERNAME !== undefined && !isGiven('MAIL_PASSWORD')) mistakes.push('MAIL_PASSWORD: is required, since MAIL_USERNAME is given');
  if (MAIL_PASSWORD !== undefined && !isGiven('MAIL_USERNAME')) mistakes.push('MAIL_USERNAME: is required, since MAIL_PASSWORD is given');
  return mistakes;
}

function directPushMistakes(values: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  if (values.PUSH_DRIVER !== 'direct') return [];
  const apple = ['APNS_KEY', 'APNS_KEY_ID', 'APNS_TEAM_ID'];
  const missing = apple.filter((name) => !isGiven(name));
  if (missing.length === apple.length) {
    return isGiven('FCM_SERVICE_ACCOUNT') ? [] : ['PUSH_DRIVER: "direct" needs APNS_KEY with its ids, or FCM_SERVICE_ACCOUNT, or both'];
  }
  return missing.map((name) => `${name}: is required, since other settings for Apple are given`);
}

function gatewayMistakes(values: Partial<Values>): string[] {
  const { SMS_HTTP_URL: url, SMS_HTTP_HEADERS: headers, SMS_HTTP_BODY: body } = values;
  if (values.SMS_DRIVER !== 'http' || url === undefined || headers === undefined) return [];
  if (values.SMS_HTTP_METHOD === 'GET' && body !== undefined) return ['SMS_HTTP_METHOD: "GET" cannot be combined with SMS_HTTP_BODY'];
  const names = new Set([url, body ?? '', ...Object.values(headers)].flatMap(findPlaceholders));
  const mistakes: string[] = [];
  if (!names.has('message')) mistakes.push('SMS_HTTP_BODY: {message} stands nowhere, nor in SMS_HTTP_URL or SMS_HTTP_HEADERS');
  if (!names.has('phone') && !names.has('phone_digits')) {
    mistakes.push('SMS_HTTP_BODY: {phone} stands nowhere, nor in SMS_HTTP_URL or SMS_HTTP_HEADERS');
  }
  if (body !== undefined && bodySyntax(headers, body) === 'json' && !isJson(fillTemplate(body, { phone: '+1', message: '"' }, 'json'))) {
    mistakes.push('SMS_HTTP_BODY: is not JSON, as its content type or its beginning says');
  }
  return mistakes;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function registrarMistakes(values: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  if (values.DEVICES_DRIVER !== 'redis' || isGiven('REDIS_URL') || isGiven('FLEXISIP_REDIS_URL')) return [];
  return ['REDIS_URL: is required with DEVICES_DRIVER=redis, or FLEXISIP_REDIS_URL'];
}
