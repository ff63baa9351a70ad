import { z } from 'zod';
import type { SettingGroup, ValuesOf } from '../setting.js';
import type { identity } from './identity.js';

export const firstAdmin = {
  title: 'The first administrator',
  settings: {
    FIRST_ADMIN: {
      schema: z.string().optional(),
      text:
        'While there is no administrator at all, start creates this one in the first domain of APP_SIP_DOMAIN. An ' +
        'administrator that is there is never changed.',
      otherwise: '`administrator` in an embedded database without accounts',
      example: 'operator',
    },
    FIRST_ADMIN_PASSWORD: {
      schema: z
        .string()
        .regex(/^.{6,256}$/su, 'must have 6 to 256 characters')
        .describe('6 to 256 characters')
        .optional(),
      text: 'The password of FIRST_ADMIN.',
      otherwise: 'one that is drawn, and shown on the console once, with an API key',
      secret: true,
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof firstAdmin.settings>;
type Usernames = ValuesOf<typeof identity.settings>;

export function firstAdminMistakes(values: Partial<Values & Usernames>): string[] {
  const {
    FIRST_ADMIN: username,
    FIRST_ADMIN_PASSWORD: password,
    USERNAME_PATTERN: pattern,
    USERNAME_MIN_LENGTH: least,
  } = values;
  if (username === undefined)
    return password === undefined ? [] : ['FIRST_ADMIN: is required, since FIRST_ADMIN_PASSWORD is given'];
  if (pattern === undefined || least === undefined) return [];
  const { length } = [...username];
  return pattern.test(username) && length >= least && length <= 64
    ? []
    : ['FIRST_ADMIN: must be a username that USERNAME_MIN_LENGTH and USERNAME_PATTERN allow, of at most 64 characters'];
}

export function firstAdminSettings({ FIRST_ADMIN: username, FIRST_ADMIN_PASSWORD: password }: Values) {
  return username === undefined ? null : { username, password: password ?? null };
}
