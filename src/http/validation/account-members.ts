import { parseDateTime } from '../../database/columns/utc-date-time.js';
import { DTMF_PROTOCOLS } from '../../database/entities/account.entity.js';
import { DICTIONARY_LENGTH } from '../../database/schema/needed-tables.js';
import { isSipDomain } from '../../common/sip/sip-address.js';
import { isEmailAddress } from '../../common/email-address.js';
import { type Check, length, Member, pattern, text } from './member.js';
import { settingsFor } from './validation-settings.js';

const E164 = /^\+[1-9]\d{6,14}$/;

/** Whether a member may be left out, and whether a merge patch may remove it. */
interface Presence {
  readonly required?: boolean;
  readonly nullable?: boolean;
}

/** A username of a new account. Its minimum length and its pattern are settings. */
export const Username = ({ required = true, nullable }: Presence = {}) =>
  Member({
    required,
    nullable,
    schema: { type: 'string', minLength: 6, maxLength: 64, pattern: '^[a-z0-9._+-]+$', example: 'johndoe' },
    checks: [
      text,
      {
        name: 'length',
        message: ({ dto }) => `must have ${settingsFor(dto).usernameMinLength} to 64 characters`,
        passes: (value, { dto }) => {
          const count = [...String(value)].length;
          return count >= settingsFor(dto).usernameMinLength && count <= 64;
        },
      },
      {
        name: 'pattern',
        message: 'contains characters that are not allowed',
        passes: (value, { dto }) => settingsFor(dto).usernamePattern.test(String(value)),
      },
    ],
  });

/** A password of 6 to 256 characters, used byte for byte. */
export const NewPassword = ({
  example = 'correct horse',
  required = true,
  nullable,
}: Presence & { example?: string } = {}) =>
  Member({
    required,
    nullable,
    schema: { type: 'string', format: 'password', minLength: 6, maxLength: 256, example },
    checks: [text, length(6, 256)],
  });

/** The hash algorithm of an HA1. */
export const Algorithm = ({ required = true, nullable }: Presence = {}) =>
  Member({
    required,
    nullable,
    schema: { type: 'string', enum: ['SHA-256', 'MD5'], example: 'SHA-256' },
    checks: [pattern(/^(SHA-256|MD5)$/, 'must be SHA-256 or MD5')],
  });

/** A domain in which this server registers accounts. */
export const RegistrationDomain = () =>
  Member({
    required: false,
    schema: { type: 'string', example: 'sip.example.org' },
    checks: [
      {
        name: 'registrationDomain',
        message: ({ dto }) => `must be one of ${settingsFor(dto).sipDomains.join(', ')}`,
        passes: (value, { dto }) => typeof value === 'string' && settingsFor(dto).sipDomains.includes(value),
      },
    ],
  });

/** Any SIP domain. An administrator may use other domains than the registration domains. */
export const SipDomain = ({ nullable }: Presence = {}) =>
  Member({
    required: false,
    nullable,
    schema: { type: 'string', maxLength: 64, example: 'sip.example.org' },
    checks: [
      {
        name: 'sipDomain',
        message: 'must be a lower-case host name or an IPv4 address of at most 64 characters',
        passes: (value) => typeof value === 'string' && isSipDomain(value),
      },
    ],
  });

/** An e-mail address of at most 64 characters. */
export const Email = ({ required = true } = {}) =>
  Member({
    required,
    schema: { type: 'string', format: 'email', maxLength: 64, example: 'john@example.org' },
    checks: [
      text,
      length(1, 64),
      { name: 'email', message: 'must be an e-mail address', passes: (value) => isEmailAddress(String(value)) },
    ],
  });

const phoneSchema = { type: 'string', pattern: E164.source, example: '+33612345678' } as const;
const isPhone = pattern(E164, 'must be a phone number in international format, like +33612345678');

/** A phone number in E.164 form. Optional. */
export const Phone = () => Member({ required: false, schema: phoneSchema, checks: [isPhone] });

/** A phone number in E.164 form that receives a code, of a country that this service sends codes to. */
export const SmsPhone = ({ required = true } = {}) =>
  Member({
    required,
    schema: phoneSchema,
    checks: [
      isPhone,
      {
        name: 'country',
        message: 'must be in a country that this service sends codes to',
        passes: (value, { dto }) => {
          const { smsCountryPrefixes } = settingsFor(dto);
          return (
            smsCountryPrefixes.length === 0 || smsCountryPrefixes.some((prefix) => String(value).startsWith(prefix))
          );
        },
      },
    ],
  });

/** A time, `YYYY-MM-DD HH:MM:SS` in UTC. Optional. */
export const DateTimeText = () =>
  Member({
    required: false,
    // There is no example, so that the example of the whole body, an activated account, has no such member.
    schema: { type: 'string', pattern: String.raw`^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$` },
    checks: [
      {
        name: 'dateTime',
        message: 'must be a date and time like 2026-12-31 23:59:59',
        passes: (value) =>
          typeof value === 'string' && value.length === 19 && parseDateTime(value) !== null && value >= '1000',
      },
    ],
  });

/** How the apps of an account send DTMF. */
export const DtmfProtocolMember = () =>
  Member({
    required: false,
    schema: { type: 'string', enum: [...DTMF_PROTOCOLS], example: 'sipinfo' },
    checks: [
      {
        name: 'dtmfProtocol',
        message: `must be one of ${DTMF_PROTOCOLS.join(', ')}`,
        passes: (value) => DTMF_PROTOCOLS.some((protocol) => protocol === value),
      },
    ],
  });

/** The name that apps show for an account. It may hold anything that can be shown in one line. */
export const DisplayName = () =>
  Member({
    required: false,
    schema: { type: 'string', minLength: 1, maxLength: 255, example: 'John Doe' },
    checks: [
      text,
      length(1, 255),
      {
        name: 'controls',
        message: 'must hold no control characters or line breaks',
        passes: (value) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(String(value)),
      },
    ],
  });

/** Texts by key that are stored with an account. With `isPatch`, a null removes its key (RFC 7396). */
export const DictionaryMember = ({ isPatch = false } = {}) =>
  Member({
    required: false,
    structured: true,
    schema: {
      type: 'object',
      additionalProperties: { type: 'string', nullable: isPatch },
      example: { department: 'sales' },
    },
    checks: [dictionary(isPatch), shortDictionary],
  });

const dictionary = (mayRemove: boolean): Check => ({
  name: 'dictionary',
  message: 'must be an object of strings with keys of 1 to 255 characters',
  passes: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([key, entry]) => isDictionaryKey(key) && (isText(entry) || (mayRemove && entry === null)),
    ),
});

const shortDictionary: Check = {
  name: 'shortDictionary',
  message: `must have at most ${DICTIONARY_LENGTH} characters as JSON`,
  passes: (value) => [...JSON.stringify(value)].length <= DICTIONARY_LENGTH,
};

const isText = (value: unknown): boolean => typeof value === 'string' && value.isWellFormed();
const isDictionaryKey = (key: string): boolean => key !== '' && key.isWellFormed() && [...key].length <= 255;

/** A code of 4 digits, sent by SMS. */
export const PhoneCode = () =>
  Member({
    schema: { type: 'string', pattern: String.raw`^\d{4}$`, example: '2718' },
    checks: [pattern(/^\d{4}$/, 'must have 4 digits')],
  });
