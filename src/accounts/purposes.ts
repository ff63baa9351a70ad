import { randomAlphanumeric, randomDigits } from '../common/random.js';
import type { Issuing, Purpose, Redeeming } from '../verification/purpose.js';
import {
  ActivationCodeWrong,
  ActivationExpired,
  EmailCodeExpired,
  EmailCodeNotRequested,
  EmailCodeWrong,
  EmailLinkInvalid,
  MailNotDelivered,
  PhoneCodeExpired,
  PhoneCodeNotRequested,
  PhoneCodeWrong,
  PhoneTaken,
  SmsNotDelivered,
} from './accounts.errors.js';

/** The lifetime in seconds of a code that is typed into an app. */
const CODE_LIFETIME = 600;

/** The code that proves a new phone number (protocol §5). */
export const PHONE_CHANGE = {
  channel: 'sms',
  draw: () => randomDigits(4),
  lifetime: CODE_LIFETIME,
  tries: 3,
  storedAs: 'clear text',
  limits: { account: 'phoneRequestsPerAccount', target: 'phoneRequestsPerNumber' },
  failures: 'failedPhoneCodes',
  // This refusal tells the caller that the number belongs to an account, so it counts as a request.
  countedRefusal: PhoneTaken,
  // REPEATABLE READ would show the account as it was when the number was searched.
  isolation: 'READ COMMITTED',
  refusals: { missing: PhoneCodeNotRequested, wrong: PhoneCodeWrong, expired: PhoneCodeExpired },
  notDelivered: SmsNotDelivered,
} as const satisfies Purpose<'sms'>;

/**
 * The secret in the link that proves a new e-mail address (protocol §5). The drawn text is a salt: the secret is derived
 * from it with APP_KEY, so that the same link can be sent again, and a leaked table redeems nothing.
 */
export const EMAIL_CHANGE = {
  channel: 'mail',
  draw: () => randomAlphanumeric(32),
  lifetime: 86_400,
  tries: Infinity,
  storedAs: 'SHA-256',
  limits: { account: 'emailRequestsPerAccount', target: 'emailRequestsPerAddress' },
  refusals: { missing: EmailLinkInvalid, wrong: EmailLinkInvalid, expired: EmailLinkInvalid },
  notDelivered: MailNotDelivered,
} as const satisfies Purpose<'mail'>;

/** The code that proves a new e-mail address, in the same mail as the link (contract-2x §4). */
export const EMAIL_CODE = {
  tries: 3,
  lifetime: CODE_LIFETIME,
  storedAs: 'clear text',
  failures: 'failedEmailCodes',
  refusals: { missing: EmailCodeNotRequested, wrong: EmailCodeWrong, expired: EmailCodeExpired },
} as const satisfies Redeeming & { lifetime: number };

/** The code that activates a new account, sent by e-mail or SMS (protocol §3). */
export const ACTIVATION = {
  tries: Infinity,
  storedAs: 'clear text',
  failures: 'failedActivations',
  isolation: 'READ COMMITTED',
  refusals: { missing: ActivationCodeWrong, wrong: ActivationCodeWrong, expired: ActivationExpired },
} as const satisfies Redeeming;

/** The activation code for the e-mail address of a new account. */
export const ACTIVATION_BY_MAIL = {
  storedAs: ACTIVATION.storedAs,
  channel: 'mail',
  draw: () => randomAlphanumeric(13),
  lifetime: ({ activationEmailLifetime }) => activationEmailLifetime,
  notDelivered: MailNotDelivered,
} as const satisfies Issuing<'mail'>;

/** The activation code for the phone number of a new account. */
export const ACTIVATION_BY_SMS = {
  storedAs: ACTIVATION.storedAs,
  channel: 'sms',
  draw: () => randomDigits(4),
  lifetime: ({ activationPhoneLifetime }) => activationPhoneLifetime,
  notDelivered: SmsNotDelivered,
} as const satisfies Issuing<'sms'>;
