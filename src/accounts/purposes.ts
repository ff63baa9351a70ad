import { randomAlphanumeric, randomDigits } from '../common/random.js';
import type { Issuing, Purpose, Redeeming } from '../verification/purpose.js';
import {
  ActivationCodeWrong,
  ActivationExpired,
  EmailLinkInvalid,
  MailNotDelivered,
  PhoneCodeExpired,
  PhoneCodeNotRequested,
  PhoneCodeWrong,
  PhoneTaken,
  SmsNotDelivered,
} from './accounts.errors.js';

/** The code that proves a new phone number (protocol §5). */
export const PHONE_CHANGE = {
  channel: 'sms',
  draw: () => randomDigits(4),
  lifetime: 600,
  tries: 1,
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

/** The secret in the link that proves a new e-mail address (protocol §5). */
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
