/** PUSH_DRIVER and the settings of its adapter. */
export type PushSettings =
  | { readonly driver: 'log' }
  | ({ readonly driver: 'flexisip_pusher' } & FlexisipPusherSettings)
  | { readonly driver: 'direct'; readonly apns: ApnsSettings | null; readonly fcm: FcmSettings | null };

/** The program `flexisip_pusher`. */
export interface FlexisipPusherSettings {
  /** The path of the program. */
  readonly path: string;
  /** Its `--prefix`: the folder with the certificates for Apple. Null for the default of Flexisip. */
  readonly prefix: string | null;
  /** Its `--key`, for Firebase: a key, or the path of a service account file. */
  readonly firebaseKey: string | null;
  /** The largest number of processes that run at once. */
  readonly processes: number;
}

/** Apple's push service, with token-based authentication. */
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

/** The members of a Google service account file that the adapter uses. */
interface ServiceAccount {
  readonly project_id: string;
  readonly client_email: string;
  readonly private_key: string;
  readonly token_uri: string;
}

/** MAIL_DRIVER and the settings of its adapter. */
export type MailSettings = { readonly driver: 'log' } | ({ readonly driver: 'smtp' } & SmtpSettings);

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  readonly encryption: 'none' | 'starttls' | 'tls';
  /** Null if the server requires no authentication. */
  readonly credentials: { readonly user: string; readonly pass: string } | null;
  readonly from: { readonly address: string; readonly name: string };
  /** The name after EHLO (RFC 5321 §4.1.1.1): a domain, or an address literal. */
  readonly ehloName: string;
  /** The largest number of open connections. */
  readonly connections: number;
  readonly tls: TlsSettings;
}

interface TlsSettings {
  /** Certificates of the trusted authorities, PEM. Null for those of the system. */
  readonly ca: string | null;
  /** Whether the server's certificate is verified. */
  readonly verify: boolean;
}

/** SMS_DRIVER and the settings of its adapter. */
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
  /** The name of the SMS service. Null for the first one of the account. */
  readonly service: string | null;
}

export interface TwilioSettings {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** A number, a name, or the id of a messaging service (`MG…`). */
  readonly from: string;
}

/**
 * A gateway that accepts an SMS by an HTTP request. The templates may contain `{phone}`, `{phone_digits}` and
 * `{message}`.
 */
export interface HttpGatewaySettings {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /**
   * A member of the JSON answer and the value it must have. If `equals` is null, any value that is not false, zero or
   * empty is a success.
   */
  readonly success: { readonly member: readonly string[]; readonly equals: string | null } | null;
}

/** CAPTCHA_DRIVER and the settings of its driver. */
export type CaptchaSettings =
  { readonly driver: 'none' } | { readonly driver: 'proof-of-work' } | CaptchaProviderSettings;

/** A provider that proves persons. */
export interface CaptchaProviderSettings {
  readonly driver: 'hcaptcha' | 'turnstile';
  /** The key that pages show. */
  readonly siteKey: string;
  readonly secretKey: string;
  /** The URL that answers are verified at. */
  readonly verifyUrl: string;
}

/** DEVICES_DRIVER and the settings of its adapter. */
export type DevicesSettings =
  | { readonly driver: 'none' }
  | { readonly driver: 'flexisip'; readonly pidFile: string; readonly socketDirectory: string }
  | { readonly driver: 'redis'; readonly redis: RedisSettings };

/** A Redis, or a group of them that Sentinels watch. */
export interface RedisSettings {
  /** The variable that holds the URL. */
  readonly variable: 'REDIS_URL' | 'FLEXISIP_REDIS_URL';
  /** `redis://` or `rediss://`, with user, password and database. The host is not used if Sentinels are given. */
  readonly url: string;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** The name of the master at the Sentinels. */
  readonly master: string;
  /** The password for the Sentinels; null if they require none. */
  readonly sentinelPassword: string | null;
  /** Certificates of the trusted authorities, PEM. Null for those of the system. */
  readonly ca: string | null;
  /** Milliseconds to connect, over all addresses of a host. For a Sentinel they include its answer. */
  readonly connectTimeout: number;
}

/** The settings that all messages share. */
export interface MessageSettings {
  /** APP_NAME. */
  readonly application: string;
  /** MAIL_SIGNATURE. */
  readonly signature: string;
  /** MESSAGE_TEMPLATES: the folder with the operator's own texts. */
  readonly folder: string | null;
}
