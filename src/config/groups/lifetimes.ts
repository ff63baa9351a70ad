import type { SettingGroup, ValuesOf } from '../setting.js';
import { oneOf, wholeNumber } from '../variable-kinds.js';
import type { listening } from './listening.js';

const DAYS = 86_400;
const seconds = wholeNumber(1, 366 * DAYS);

export const lifetimes = {
  title: 'Lifetimes',
  settings: {
    TOKEN_LIFETIME: {
      schema: seconds.default(DAYS),
      text: 'Seconds for which an account creation token can be redeemed.',
      fills: 'tokenLifetime',
    },
    INVITATION_LIFETIME: {
      schema: seconds.default(7 * DAYS),
      text: 'Seconds for which an account creation token that an administrator has drawn can be redeemed.',
      fills: 'invitationLifetime',
    },
    SIGN_UP_LIFETIME: {
      schema: wholeNumber(0, 366 * DAYS).default(DAYS),
      text:
        'Seconds after which an account that `with-account-creation-token` made is deleted if nobody has activated it, ' +
        'its token has expired, and no code of it is valid; 0 to keep it.',
      fills: 'signUpLifetime',
    },
    REQUEST_TOKEN_LIFETIME: {
      schema: seconds.default(3_600),
      text: 'Seconds for which a person can be proven on the page of a request token, and the token can then be used.',
      fills: 'requestTokenLifetime',
    },
    ACTIVATION_EMAIL_LIFETIME: {
      schema: seconds.default(DAYS),
      text: 'Seconds for which an activation code sent by mail is accepted.',
      fills: 'activationEmailLifetime',
    },
    ACTIVATION_PHONE_LIFETIME: {
      schema: seconds.default(3_600),
      text: 'Seconds for which an activation code sent by SMS is accepted.',
      fills: 'activationPhoneLifetime',
    },
    PANEL_SESSION_LIFETIME: {
      schema: wholeNumber(60, 30 * DAYS).default(8 * 3_600),
      text: 'Seconds until a session of the panel ends.',
      fills: 'panelSessionLifetime',
    },
    NONCE_LIFETIME: {
      schema: wholeNumber(10, DAYS).default(300),
      text: 'Seconds for which a Digest nonce is accepted.',
      fills: 'nonceLifetime',
    },
    NONCE_STORE: {
      schema: oneOf(['database', 'redis', 'memory']).default('database'),
      text:
        'Where the uses of nonces are remembered: `database`, `redis` (REDIS_URL), or `memory`, for a single process ' +
        '(docs/authentication.md).',
      fills: 'nonceStore',
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof lifetimes.settings & typeof listening.settings>;

export function nonceStoreMistakes({ NONCE_STORE, WEB_CONCURRENCY = 1 }: Partial<Values>): string[] {
  return NONCE_STORE === 'memory' && WEB_CONCURRENCY > 1
    ? ['NONCE_STORE: must not be "memory" with WEB_CONCURRENCY above 1: each process would take what another has']
    : [];
}
