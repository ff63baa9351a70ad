import { defaultEhloName } from './ehlo-name.js';
import type { Values } from './outbound-variables.js';

/** PUSH_DRIVER and what its adapter needs. */
export type PushSettings =
  | { readonly driver: 'log' }
  | ({ readonly driver: 'flexisip_pusher' } & FlexisipPusherSettings)
  | { readonly driver: 'direct'; readonly apns: ApnsSettings | null; readonly fcm: FcmSettings | null };

/** The program `flexisip_pusher`. */
export interface FlexisipPusherSettings {
  /** The path of the program. */
  readonly path: string;
  /** Its `--prefix`, the folder with the certificates for Apple, if not Flexisip's own. */
  readonly prefix: string | null;
  /** Its `--key`, for Firebase: a key, or the path of a service account file. */
  readonly firebaseKey: string | null;
  /** How many may run at once. */
  readonly processes: number;
}

/** Apple's push service, by token-based authentication. */
export interface ApnsSettings {
  /** The signing key, PEM (PKCS #8). */
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  /** Origins for the providers `apns` and `apns.dev`. */
  readonly urls: { readonly apns: string; readonly 'apns.dev': string };
}

/** Firebase Cloud Messaging, HTTP v1. */
export interface FcmSettings {
  readonly url: string;
  readonly account: ServiceAccount;
}

/** What we need of a Google service account file. */
interface ServiceAccount {
  readonly project_id: string;
  readonly client_email: string;
  readonly private_key: string;
  readonly token_uri: string;
}

/** MAIL_DRIVER and what its adapter needs. */
export type MailSettings = { readonly driver: 'log' } | ({ readonly driver: 'smtp' } & SmtpSettings);

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  readonly encryption: 'none' | 'starttls' | 'tls';
  /** Absent where the server wants no authentication. */
  readonly credentials: { readonly user: string; readonly pass: string } | null;
  readonly from: { readonly address: string; readonly name: string };
  /** What stands behind EHLO (RFC 5321 §4.1.1.1): a domain, or an address literal. */
  readonly ehloName: string;
  /** How many connections may be open at once. */
  readonly connections: number;
  readonly tls: TlsSettings;
}

interface TlsSettings {
  /** Certificates of the authorities to trust, PEM; those of the system if absent. */
  readonly ca: string | null;
  /** Whether the server's certificate is checked. */
  readonly verify: boolean;
}

/** SMS_DRIVER and what its adapter needs. */
export type SmsSettings =
  | { readonly driver: 'log' }
  | ({ readonly driver: 'ovh' } & OvhSettings)
  | ({ readonly driver: 'twilio' } & TwilioSettings)
  | ({ readonly driver: 'http' } & HttpGatewaySettings);

export interface OvhSettings {
  /** The origin and path of the API, without a trailing slash. */
  readonly url: string;
  readonly appKey: string;
  readonly appSecret: string;
  readonly consumerKey: string;
  readonly sender: string;
  /** The name of the SMS service; the first of the account if absent. */
  readonly service: string | null;
}

export interface TwilioSettings {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** A number, a name, or the id of a messaging service (`MG…`). */
  readonly from: string;
}

/** Any gateway that takes an SMS by an HTTP request; the templates may hold `{phone}`, `{phone_digits}` and `{message}`. */
export interface HttpGatewaySettings {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** A member of the JSON answer and the value it must have; any value that is not false, zero or empty if `equals` is null. */
  readonly success: { readonly member: readonly string[]; readonly equals: string | null } | null;
}

/** DEVICES_DRIVER and what its adapter needs. */
export type DevicesSettings =
  | { readonly driver: 'none' }
  | { readonly driver: 'flexisip'; readonly pidFile: string; readonly socketDirectory: string }
  | { readonly driver: 'redis'; readonly redis: RedisSettings };

/** A Redis, or one of several that Sentinels watch. */
export interface RedisSettings {
  /** The variable that names it. */
  readonly variable: 'REDIS_URL' | 'FLEXISIP_REDIS_URL';
  /** `redis://` or `rediss://`, with user, password and database; the host does not count where Sentinels are given. */
  readonly url: string;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** What the Sentinels call it. */
  readonly master: string;
  /** What the Sentinels want to hear, if anything. */
  readonly sentinelPassword: string | null;
  /** Certificates of the authorities to trust, PEM; those of the system if absent. */
  readonly ca: string | null;
  /** Milliseconds for a connection over all addresses of a host; for each Sentinel with its answer. */
  readonly connectTimeout: number;
}

/** What all messages have in common. */
export interface MessageSettings {
  /** APP_NAME. */
  readonly application: string;
  /** MAIL_SIGNATURE. */
  readonly signature: string;
  /** MESSAGE_TEMPLATES: the folder of the operator's own texts. */
  readonly folder: string | null;
}

/** The settings of all adapters, from variables that have been checked. */
export function outboundSettings(values: Values, application: string, publicUrl: string) {
  return {
    push: pushSettings(values),
    mail: mailSettings(values, application, publicUrl),
    sms: smsSettings(values),
    devices: devicesSettings(values),
    sharedRedis: sharedRedis(values),
    messages: { application, signature: values.MAIL_SIGNATURE ?? application, folder: values.MESSAGE_TEMPLATES ?? null },
    smsCountryPrefixes: values.SMS_COUNTRY_PREFIXES,
    outboundTimeout: values.NEIGHBOUR_TIMEOUT,
  };
}

function pushSettings(values: Values): PushSettings {
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

const SMTP_PORTS = { none: 25, starttls: 587, tls: 465 } as const;

function mailSettings(values: Values, application: string, publicUrl: string): MailSettings {
  if (values.MAIL_DRIVER !== 'smtp') return { driver: 'log' };
  const { MAIL_USERNAME: user, MAIL_PASSWORD: pass } = values;
  return {
    driver: 'smtp',
    host: required(values.MAIL_HOST),
    port: values.MAIL_PORT ?? SMTP_PORTS[values.MAIL_ENCRYPTION],
    encryption: values.MAIL_ENCRYPTION,
    credentials: user === undefined ? null : { user, pass: pass ?? '' },
    from: { address: required(values.MAIL_FROM_ADDRESS), name: values.MAIL_FROM_NAME ?? application },
    ehloName: values.MAIL_EHLO_NAME ?? defaultEhloName(publicUrl),
    connections: values.MAIL_CONNECTIONS,
    tls: { ca: values.MAIL_TLS_CA ?? null, verify: values.MAIL_TLS_VERIFY === 'true' },
  };
}

function smsSettings(values: Values): SmsSettings {
  switch (values.SMS_DRIVER) {
    case 'ovh':
      return {
        driver: 'ovh',
        url: values.OVH_APP_ENDPOINT,
        appKey: required(values.OVH_APP_KEY),
        appSecret: required(values.OVH_APP_SECRET),
        consumerKey: required(values.OVH_APP_CONSUMER_KEY),
        sender: required(values.OVH_APP_SENDER),
        service: values.OVH_APP_SERVICE ?? null,
      };
    case 'twilio':
      return {
        driver: 'twilio',
        url: values.TWILIO_URL,
        accountSid: required(values.TWILIO_ACCOUNT_SID),
        authToken: required(values.TWILIO_AUTH_TOKEN),
        from: required(values.TWILIO_FROM),
      };
    case 'http':
      return {
        driver: 'http',
        url: required(values.SMS_HTTP_URL),
        method: values.SMS_HTTP_METHOD ?? (values.SMS_HTTP_BODY === undefined ? 'GET' : 'POST'),
        headers: values.SMS_HTTP_HEADERS,
        body: values.SMS_HTTP_BODY ?? null,
        success: values.SMS_HTTP_SUCCESS ?? null,
      };
    default:
      return { driver: 'log' };
  }
}

function devicesSettings(values: Values): DevicesSettings {
  switch (values.DEVICES_DRIVER) {
    case 'flexisip':
      return { driver: 'flexisip', pidFile: values.APP_FLEXISIP_PROXY_PID, socketDirectory: values.APP_FLEXISIP_SOCKET_DIR };
    case 'redis':
      return { driver: 'redis', redis: registrarRedis(values) };
    default:
      return { driver: 'none' };
  }
}

/** The registrar's own Redis, where it is another one than that of the shared counters. */
function registrarRedis(values: Values): RedisSettings {
  if (values.FLEXISIP_REDIS_URL === undefined) return required(sharedRedis(values) ?? undefined);
  const { FLEXISIP_REDIS_URL: url, FLEXISIP_REDIS_SENTINELS: sentinels, FLEXISIP_REDIS_MASTER: master } = values;
  return { variable: 'FLEXISIP_REDIS_URL', url, sentinels, master, ...redisAccess(values, sentinels) };
}

function sharedRedis(values: Values): RedisSettings | null {
  const { REDIS_URL: url, REDIS_SENTINELS: sentinels, REDIS_MASTER: master } = values;
  return url === undefined ? null : { variable: 'REDIS_URL', url, sentinels, master, ...redisAccess(values, sentinels) };
}

function redisAccess({ REDIS_TLS_CA, REDIS_SENTINEL_PASSWORD, NEIGHBOUR_TIMEOUT }: Values, { length }: RedisSettings['sentinels']) {
  // Longer than the third that one address of a host has (`attemptTimeout`), so that the next address has its turn. Two Sentinels that do
  // not answer leave time for another one, and for the Redis that it names.
  const connectTimeout = NEIGHBOUR_TIMEOUT * (length === 0 ? 1000 : 400);
  return { ca: REDIS_TLS_CA ?? null, sentinelPassword: REDIS_SENTINEL_PASSWORD ?? null, connectTimeout };
}

/** What the check of the variables has made sure of. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a required setting was not checked');
  return value;
}
