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
