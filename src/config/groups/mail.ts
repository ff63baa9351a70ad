import { z } from 'zod';
import { isEmailAddress } from '../../common/email-address.js';
import { defaultEhloName, isEhloName } from '../ehlo-name.js';
import type { MailSettings } from '../outbound-settings.js';
import { chosenWithMysql, type IsGiven, required, type SettingGroup, type ValuesOf } from '../setting.js';
import { certificates, host, lineOfText, oneOf, textThat, wholeNumber } from '../variable-kinds.js';

const SMTP = 'MAIL_DRIVER=smtp';
const NOT_ENCRYPTED = { with: 'MAIL_ENCRYPTION=none' } as const;

export const mail = {
  title: 'Mails',
  settings: {
    MAIL_DRIVER: {
      schema: oneOf(['log', 'smtp']).default('log'),
      text:
        'How mails with activation codes and confirmation links are sent: `log` prints them on the console, `smtp` ' +
        'sends them.',
      required: chosenWithMysql('"log" only prints the messages'),
    },
    MAIL_SIGNATURE: {
      schema: z.string().optional(),
      text: 'What stands below every mail.',
      otherwise: 'APP_NAME',
      severalLines: true,
    },
    MAIL_HOST: {
      schema: host('MAIL_PORT').optional(),
      text: 'Host of the mail server.',
      with: SMTP,
      demandsChoice: true,
      required: SMTP,
    },
    MAIL_PORT: {
      schema: wholeNumber(1, 65_535).optional(),
      text: 'TCP port of the mail server.',
      otherwise: '25, 587 or 465, by MAIL_ENCRYPTION',
      example: '587',
      with: SMTP,
    },
    MAIL_ENCRYPTION: {
      schema: oneOf(['none', 'starttls', 'tls']).default('starttls'),
      text: 'TLS on the way to the mail server: `none`, `starttls`, which is then required, or `tls` from the start.',
      with: SMTP,
    },
    MAIL_USERNAME: {
      schema: z.string().optional(),
      text: 'The user that the service logs in as, with MAIL_PASSWORD.',
      otherwise: 'no login',
      with: SMTP,
      demandsChoice: true,
    },
    MAIL_PASSWORD: { schema: z.string().optional(), text: 'The password of MAIL_USERNAME.', secret: true, with: SMTP },
    MAIL_FROM_ADDRESS: {
      schema: textThat(isEmailAddress, 'must be an e-mail address').optional(),
      text: 'The address that mails come from.',
      with: SMTP,
      demandsChoice: true,
      required: SMTP,
    },
    MAIL_FROM_NAME: {
      schema: lineOfText(128).optional(),
      text: 'The name that mails come from.',
      otherwise: 'APP_NAME',
      with: SMTP,
    },
    MAIL_EHLO_NAME: {
      schema: textThat(
        isEhloName,
        'must be a host name like api.example.org, or an address like [192.0.2.1]',
      ).optional(),
      text: 'The name that the service gives itself in EHLO. Servers may refuse names without a dot.',
      otherwise:
        'the host of APP_URL; where that is this machine alone or has no dot, the name of the system if it has one',
      example: 'api.example.org',
      with: SMTP,
    },
    MAIL_CONNECTIONS: {
      schema: wholeNumber(1, 64).default(5),
      text: 'Connections to the mail server that may be open at once.',
      with: SMTP,
    },
    MAIL_TLS_CA: {
      schema: certificates.optional(),
      text: 'Authorities to trust for the certificate of the mail server.',
      otherwise: 'those of the system',
      file: '/etc/ssl/certs/mail-ca.pem',
      severalLines: true,
      with: SMTP,
      noEffect: [NOT_ENCRYPTED, { with: 'MAIL_TLS_VERIFY=false' }],
    },
    MAIL_TLS_VERIFY: {
      schema: oneOf(['true', 'false']).default('true'),
      text: 'Whether the certificate of the mail server is checked.',
      with: SMTP,
      noEffect: [NOT_ENCRYPTED],
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof mail.settings>;

/** Settings that have no effect because their counterpart is missing. */
export function mailMistakes(values: Partial<Values>, isGiven: IsGiven): string[] {
  const { MAIL_USERNAME, MAIL_PASSWORD } = values;
  const mistakes: string[] = [];
  if (MAIL_USERNAME !== undefined && !isGiven('MAIL_PASSWORD'))
    mistakes.push('MAIL_PASSWORD: is required, since MAIL_USERNAME is given');
  if (MAIL_PASSWORD !== undefined && !isGiven('MAIL_USERNAME'))
    mistakes.push('MAIL_USERNAME: is required, since MAIL_PASSWORD is given');
  return mistakes;
}

const SMTP_PORTS = { none: 25, starttls: 587, tls: 465 } as const;

export function mailSettings(values: Values, application: string, publicUrl: string): MailSettings {
  if (values.MAIL_DRIVER !== 'smtp') return { driver: 'log' };
  const { MAIL_USERNAME: user, MAIL_PASSWORD: pass } = values;
  return {
    driver: 'smtp',
    host: required(values.MAIL_HOST),
    port: values.MAIL_PORT ?? SMTP_PORTS[values.MAIL_ENCRYPTION],
    encryption: values.MAIL_ENCRYPTION,
    credentials: user === undefined ? null : { user, pass: required(pass) },
    from: { address: required(values.MAIL_FROM_ADDRESS), name: values.MAIL_FROM_NAME ?? application },
    ehloName: values.MAIL_EHLO_NAME ?? defaultEhloName(publicUrl),
    connections: values.MAIL_CONNECTIONS,
    tls: { ca: values.MAIL_TLS_CA ?? null, verify: values.MAIL_TLS_VERIFY === 'true' },
  };
}
